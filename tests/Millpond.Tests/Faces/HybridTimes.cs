using Microsoft.Extensions.Caching.Hybrid;
using Millpond.Tests.Rig;
using static Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags;

namespace Millpond.Tests.Faces;

public sealed class HybridTimes
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Without_options_an_entry_lives_for_five_minutes() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        await cache.LoadAsync("key", "value");

        caches.Advance(5 * Minute - TimeSpan.FromSeconds(1));
        Assert.Equal("value", await cache.LookAsync<string>("key"));
        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await cache.LookAsync<string>("key"));
    });

    [Fact]
    public void Expiration_of_a_call_wins_over_the_default_which_wins_over_the_policy() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid(o => o.DefaultEntryOptions = new() { Expiration = 2 * Minute });
        await cache.LoadAsync("default", "value");
        await cache.LoadAsync("call", "value", new() { Expiration = Minute });
        await cache.SetAsync("set", "value", new() { Expiration = Minute });

        caches.Advance(Minute);
        Assert.Null(await cache.LookAsync<string>("call"));
        Assert.Null(await cache.LookAsync<string>("set"));
        Assert.Equal("value", await cache.LookAsync<string>("default"));
        caches.Advance(Minute);
        Assert.Null(await cache.LookAsync<string>("default"));
    });

    [Fact]
    public void LocalCacheExpiration_ends_an_entry_here_and_not_in_the_shared_tier() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        var options = new HybridCacheEntryOptions { Expiration = 5 * Minute, LocalCacheExpiration = Minute };
        await cache.LoadAsync("loaded", "value", options);
        await cache.SetAsync("set", "value", options);

        caches.Advance(Minute - TimeSpan.FromSeconds(1));
        Assert.Equal("value", await cache.LookAsync<string>("loaded", DisableDistributedCacheRead));
        Assert.Equal("value", await cache.LookAsync<string>("set", DisableDistributedCacheRead));
        caches.Advance(TimeSpan.FromSeconds(1));
        foreach (var key in new[] { "loaded", "set" })
        {
            Assert.Null(await cache.LookAsync<string>(key, DisableDistributedCacheRead));
            Assert.Equal("value", await cache.LookAsync<string>(key));
        }

        caches.Advance(4 * Minute);
        Assert.Null(await cache.LookAsync<string>("loaded"));
        Assert.Null(await cache.LookAsync<string>("set"));
    }, HybridRig.Shared);

    [Fact]
    public void LocalCacheExpiration_counts_anew_for_what_is_read_from_the_shared_tier() => Caches.Run(async caches =>
    {
        var there = caches.AddHybrid();
        var here = caches.AddHybrid(o => o.DefaultEntryOptions = new() { LocalCacheExpiration = Minute });
        await there.LoadAsync("key", "value");
        caches.Advance(2 * Minute);

        await here.LoadAsync("key", "unused");
        caches.Advance(Minute / 2);
        Assert.Equal("value", await here.LookAsync<string>("key", DisableDistributedCacheRead));
        caches.Advance(Minute / 2);
        Assert.Null(await here.LookAsync<string>("key", DisableDistributedCacheRead));
    }, HybridRig.Shared);

    [Fact]
    public void Expiration_of_a_call_is_its_local_expiration_too() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid(o => o.DefaultEntryOptions = new() { LocalCacheExpiration = Minute });
        await cache.LoadAsync("key", "value", new() { Expiration = 3 * Minute });

        caches.Advance(2 * Minute);

        Assert.Equal("value", await cache.LookAsync<string>("key", DisableDistributedCacheRead));
    }, HybridRig.Shared);

    [Fact]
    public void An_expiration_for_ever_is_a_year() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        await cache.LoadAsync("key", "value", new() { Expiration = TimeSpan.MaxValue, LocalCacheExpiration = TimeSpan.MaxValue });

        caches.Advance(TimeSpan.FromDays(364));
        Assert.Equal("value", await cache.LookAsync<string>("key"));
        caches.Advance(TimeSpan.FromDays(1));
        Assert.Null(await cache.LookAsync<string>("key"));
    });

    [Fact]
    public void The_keyspaces_policy_gives_what_HybridCache_has_not() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid(o => o.Policy.StaleIfError = TimeSpan.FromHours(1));
        await cache.LoadAsync("key", "value");
        caches.Advance(6 * Minute);

        Assert.Equal("value", await cache.GetOrCreateAsync<string>("key", _ => throw new TimeoutException()));
    });
}
