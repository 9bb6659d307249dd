using Microsoft.Extensions.Caching.Hybrid;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;
using static Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags;

namespace Millpond.Tests.Faces;

/// <summary>Each flag of HybridCacheEntryFlags, in a test in which it changes the outcome.</summary>
public sealed class HybridFlags
{
    [Fact]
    public void DisableLocalCacheRead_passes_over_what_is_held_here() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        await cache.LoadAsync("key", "first");

        Assert.Equal("first", await cache.LoadAsync("key", "second"));
        Assert.Equal("second", await cache.LoadAsync("key", "second", HybridRig.With(DisableLocalCacheRead)));
        Assert.Equal("second", await cache.LoadAsync("key", "third"));
    });

    [Fact]
    public void DisableLocalCacheRead_takes_the_shared_tiers_value() => Caches.Run(async caches =>
    {
        var network = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var cache = caches.AddHybrid(tier: network);
        await cache.LoadAsync("key", "first");
        var reads = network.Operations.Count(SharedOperation.Read);

        Assert.Equal("first", await cache.LoadAsync("key", "second"));
        Assert.Equal(reads, network.Operations.Count(SharedOperation.Read));
        Assert.Equal("first", await cache.LoadAsync("key", "second", HybridRig.With(DisableLocalCacheRead)));
        Assert.Equal(reads + 1, network.Operations.Count(SharedOperation.Read));
    }, HybridRig.Shared);

    [Fact]
    public void DisableLocalCacheWrite_keeps_nothing_here_that_was_loaded_read_or_set() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        var other = caches.AddHybrid();
        await other.LoadAsync("read", "there");

        await cache.LoadAsync("loaded", "value", HybridRig.With(DisableLocalCacheWrite));
        await cache.LoadAsync("read", "value", HybridRig.With(DisableLocalCacheWrite));
        await cache.SetAsync("set", "value", HybridRig.With(DisableLocalCacheWrite));

        foreach (var key in new[] { "loaded", "read", "set" })
        {
            Assert.Null(await cache.LookAsync<string>(key, DisableDistributedCacheRead));
            Assert.NotNull(await cache.LookAsync<string>(key));
        }
    }, HybridRig.Shared);

    [Fact]
    public void DisableDistributedCacheRead_loads_what_another_process_has_stored() => Caches.Run(async caches =>
    {
        var here = caches.AddHybrid();
        var there = caches.AddHybrid();
        await there.LoadAsync("key", "theirs");
        await there.LoadAsync("other", "theirs");

        Assert.Equal("theirs", await here.LoadAsync("other", "ours"));
        Assert.Equal("ours", await here.LoadAsync("key", "ours", HybridRig.With(DisableDistributedCacheRead)));
        Assert.Equal("ours", await caches.AddHybrid().LookAsync<string>("key"));
    }, HybridRig.Shared);

    [Fact]
    public void DisableDistributedCacheRead_does_not_wait_for_another_processs_load() => Caches.Run(async caches =>
    {
        var here = caches.AddHybrid();
        var there = caches.AddHybrid();
        var gate = new TaskCompletionSource<string>();
        var theirs = there.GetOrCreateAsync("key", gate, static async (g, _) => await g.Task).AsTask();

        var ours = here.LoadAsync("key", "ours", HybridRig.With(DisableDistributedCacheRead));
        Assert.True(ours.IsCompletedSuccessfully);
        Assert.Equal("ours", await ours);
        gate.SetResult("theirs");
        Assert.Equal("theirs", await theirs);
        Assert.Equal("theirs", await caches.AddHybrid().LookAsync<string>("key"));
    }, HybridRig.Shared);

    [Fact]
    public void DisableDistributedCacheWrite_stores_for_this_process_alone() => Caches.Run(async caches =>
    {
        var here = caches.AddHybrid();
        var there = caches.AddHybrid();

        await here.LoadAsync("loaded", "value", HybridRig.With(DisableDistributedCacheWrite));
        await here.SetAsync("set", "value", HybridRig.With(DisableDistributedCacheWrite));

        foreach (var key in new[] { "loaded", "set" })
        {
            Assert.Equal("value", await here.LookAsync<string>(key));
            Assert.Null(await there.LookAsync<string>(key));
        }
    }, HybridRig.Shared);

    [Fact]
    public void A_value_set_here_alone_still_ends_the_one_that_all_had() => Caches.Run(async caches =>
    {
        var here = caches.AddHybrid();
        var there = caches.AddHybrid();
        await here.SetAsync("key", "before");
        Assert.Equal("before", await there.LookAsync<string>("key"));

        await here.SetAsync("key", "after", HybridRig.With(DisableDistributedCacheWrite));

        Assert.Equal("after", await here.LookAsync<string>("key"));
        Assert.Null(await there.LookAsync<string>("key"));
    }, HybridRig.Shared);

    [Fact]
    public void What_is_kept_here_alone_goes_when_another_process_removes_its_key() => Caches.Run(async caches =>
    {
        var here = caches.AddHybrid();
        var there = caches.AddHybrid();
        await here.LoadAsync("key", "value", HybridRig.With(DisableDistributedCache));
        Assert.Equal("value", await here.LookAsync<string>("key"));

        await there.RemoveAsync("key");

        Assert.Null(await here.LookAsync<string>("key"));
    }, HybridRig.Shared);

    [Fact]
    public void DisableDistributedCache_leaves_the_shared_tier_alone() => Caches.Run(async caches =>
    {
        var network = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var here = caches.AddHybrid(tier: network);
        await here.LoadAsync("connects", "value");
        int Asked() => new[] { SharedOperation.Read, SharedOperation.Acquire, SharedOperation.Fill, SharedOperation.Release }.Sum(network.Operations.Count);
        var before = Asked();

        await here.LoadAsync("key", "value", HybridRig.With(DisableDistributedCache));
        Assert.Equal(before, Asked());
        await here.LoadAsync("another", "value");
        Assert.NotEqual(before, Asked());
    }, HybridRig.Shared);

    [Fact]
    public void DisableUnderlyingData_gives_the_default_of_what_no_tier_has() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();

        Assert.Null(await cache.LoadAsync("key", "loaded", HybridRig.With(DisableUnderlyingData)));
        Assert.Equal(0, await cache.LookAsync<int>("number"));
        await cache.LoadAsync("key", "loaded");
        Assert.Equal("loaded", await cache.LoadAsync("key", "again", HybridRig.With(DisableUnderlyingData)));
    });

    [Fact]
    public void DisableCompression_leaves_one_payload_as_it_is() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid(o => o.CompressAbove = 100);
        var text = new string('x', 100_000);

        await cache.SetAsync("plain", text, HybridRig.With(DisableCompression));
        Assert.True(caches.Shared.Bytes > text.Length);
        await cache.RemoveAsync("plain");
        await cache.SetAsync("compressed", text);
        Assert.True(caches.Shared.Bytes < text.Length / 10);
        Assert.Equal(text, await caches.AddHybrid().LookAsync<string>("compressed"));
    }, HybridRig.Shared);

    [Fact]
    public void Disabling_compression_for_all_wins_over_the_size_it_begins_at() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid(o => (o.CompressAbove, o.DisableCompression) = (100, true));
        var text = new string('x', 100_000);

        await cache.SetAsync("key", text);

        Assert.True(caches.Shared.Bytes > text.Length);
    }, HybridRig.Shared);

    [Fact]
    public void Default_flags_hold_where_a_call_names_none() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid(o => o.DefaultEntryOptions = HybridRig.With(DisableLocalCacheWrite));
        await cache.LoadAsync("default", "value");
        await cache.LoadAsync("named", "value", HybridRig.With(None));

        Assert.Equal("second", await cache.LoadAsync("default", "second"));
        Assert.Equal("value", await cache.LoadAsync("named", "second"));
    });
}
