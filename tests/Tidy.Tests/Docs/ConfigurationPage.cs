using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Millpond;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Docs;

/// <summary>The configuration that the guide shows is one that the caches it speaks of start with.</summary>
public class ConfigurationPage
{
    private const string Path = "docs/guide/configuration.md";

    [Fact]
    public void What_it_shows_is_sound()
    {
        Fence[] shown = [.. new Page(Repository.Find(Path)!).Fences.Where(f => f.Language == "json")];
        Assert.NotEmpty(shown);
        Assert.All(shown, fence => Assert.Null(Fault(fence.Text)));
    }

    [Theory]
    [InlineData("""{ "Millpond": { "Keyspaces": { "product": { "TTL": "00:05:00" } } } }""", "TTL is not a setting")]
    [InlineData("""{ "Millpond": { "Keyspaces": { "produce": { } , "prduct": { "TimeToLive": "00:05:00" } } } }""", "prduct is not a declared keyspace")]
    public void What_is_misspelt_is_found(string json, string fault) => Assert.Contains(fault, Fault(json), StringComparison.Ordinal);

    private static string? Fault(string json)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build());
        services.AddMillpond(m => m.AddKeyspace<int, string>("product", _ => { }).Configure(o => o.Sources["catalog-db"] = new SourceLimits()));
        services.AddMillpond("sessions", m => m.AddKeyspace<Guid, string>("session", _ => { }));
        using var provider = services.BuildServiceProvider();
        try
        {
            _ = (provider.GetRequiredService<ICache>(), provider.GetRequiredKeyedService<ICache>("sessions"));
            return null;
        }
        catch (MillpondException fault)
        {
            return fault.Message;
        }
    }
}
