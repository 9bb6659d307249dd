using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Tests.Configuration;

public sealed class NamedCaches
{
    [Fact]
    public async Task Their_sections_lie_within_the_default_ones_and_are_read_by_them_alone()
    {
        await using var provider = Build(("Millpond:LocalBytesMax", "100000"), ("Millpond:reports:Sources:default:ConcurrentLoadsMax", "3"));

        Assert.Equal("default", provider.GetRequiredService<ICache>().Name);
        Assert.Equal("reports", provider.GetRequiredKeyedService<ICache>("reports").Name);
        Assert.Equal(3, provider.GetRequiredKeyedService<CacheHost>("reports").Sources["default"].Limits.ConcurrentLoadsMax);
        Assert.Equal(64, provider.GetRequiredKeyedService<CacheHost>("default").Sources["default"].Limits.ConcurrentLoadsMax);
    }

    [Fact]
    public async Task A_section_of_no_cache_is_a_fault()
    {
        await using var provider = Build(("Millpond:report:LocalBytesMax", "100000"));

        var fault = Assert.Throws<MillpondException>(() => provider.GetRequiredService<ICache>());
        Assert.Equal(ErrorCode.InvalidConfiguration, fault.Code);
        Assert.Contains("Millpond:report is not a setting", fault.Message);
    }

    private static ServiceProvider Build(params (string Name, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build());
        services.AddMillpond();
        services.AddMillpond("reports");
        return services.BuildServiceProvider();
    }
}
