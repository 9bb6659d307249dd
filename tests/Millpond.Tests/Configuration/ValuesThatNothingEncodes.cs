using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Configuration;

public sealed class ValuesThatNothingEncodes
{
    [Fact]
    public void Are_cached_where_the_shared_tier_holds_no_values() => Caches.Run(async caches =>
    {
        var provider = caches.Add(Declare);
        var functions = provider.GetRequiredService<IKeyspace<int, Twofold>>();
        var value = await functions.GetAsync(1);
        Assert.Same(value, await functions.GetAsync(1));

        var cache = provider.GetRequiredService<ICache>();
        var adHoc = await cache.GetOrLoadAsync<Twofold>("key", _ => new(new Twofold()));
        Assert.Same(adHoc, await cache.GetAsync<Twofold>("key"));
        await cache.SetAsync("other", new Twofold());
        Assert.NotNull(await cache.GetAsync<Twofold>("other"));
    });

    [Fact]
    public void Are_a_fault_of_the_configuration_where_it_does() => Caches.Run(caches =>
    {
        var provider = caches.Add(Declare);
        var fault = Assert.Throws<MillpondException>(() => provider.GetRequiredService<IKeyspace<int, Twofold>>());
        Assert.Equal(ErrorCode.InvalidConfiguration, fault.Code);
        Assert.Equal("twofold", fault.Keyspace);
        Assert.Contains("Codec(...)", fault.Message);
        return Task.CompletedTask;
    }, sharedBytes: 1 << 20);

    private static void Declare(MillpondBuilder m) =>
        m.AddKeyspace<int, Twofold>("twofold", k => k.Load((_, _) => new ValueTask<Twofold?>(new Twofold())));

    // Two properties of one name: a type that JSON cannot describe.
    private sealed class Twofold
    {
        [System.Text.Json.Serialization.JsonPropertyName("same")]
        public int One { get; set; }

        [System.Text.Json.Serialization.JsonPropertyName("same")]
        public int Other { get; set; }
    }
}
