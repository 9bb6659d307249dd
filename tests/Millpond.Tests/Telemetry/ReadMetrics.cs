using Millpond.Tests.Rig;

namespace Millpond.Tests.Telemetry;

public sealed class ReadMetrics
{
    [Fact]
    public void A_miss_is_counted_and_timed_once_and_its_joiners_by_themselves() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var process = Watched.In(caches, source);
        source.Hold();

        Task<string?>[] callers = [.. Enumerable.Range(0, 3).Select(_ => process.Things.GetAsync(7).AsTask())];
        caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, process.Meters.Sum("millpond.loads"));
        Assert.Empty(process.Meters.Of("millpond.load.duration"));
        source.Release();
        await Task.WhenAll(callers);

        Assert.Equal([1.0], process.Meters.Of("millpond.misses"));
        Assert.Equal([2.0], process.Meters.Of("millpond.coalesced"));
        Assert.Equal([4.0], process.Meters.Of("millpond.coalesced.wait"));
        Assert.Equal([2.0, 2.0, 2.0], process.Meters.Of("millpond.miss.duration", "tier=source"));
        Assert.Equal([2.0, 2.0, 2.0], process.Meters.Of("millpond.serve.age", "tier=source"));
        Assert.Equal([2.0], process.Meters.Of("millpond.load.duration"));
        Assert.Equal([1.0], process.Meters.Of("millpond.load.keys", "result=found"));
        Assert.Equal(1, process.Meters.Sum("millpond.loads"));
        Assert.Equal(0, process.Meters.Sum("millpond.hits"));
    });

    [Fact]
    public void Hits_here_are_told_apart_by_freshness_and_by_whether_there_is_a_value() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var process = Watched.In(caches, source, k => k.Policy(p =>
        {
            p.TimeToLive = TimeSpan.FromSeconds(10);
            p.StaleWhileRevalidate = TimeSpan.FromSeconds(30);
        }));
        for (var n = 0; n < 4; n++)
        {
            await process.Things.GetAsync(7);
            await process.Things.GetAsync(8);
        }

        Assert.Equal([3.0], process.Meters.Of("millpond.hits", "tier=local", "freshness=fresh", "negative=False"));
        Assert.Equal([3.0], process.Meters.Of("millpond.hits", "tier=local", "freshness=fresh", "negative=True"));
        caches.Clock.Advance(TimeSpan.FromSeconds(15));
        await process.Things.GetAsync(7);

        Assert.Equal([1.0], process.Meters.Of("millpond.hits", "tier=local", "freshness=stale", "negative=False"));
        Assert.Equal([1.0], process.Meters.Of("millpond.stale_served", "reason=expired"));
        Assert.Equal([1.0], process.Meters.Of("millpond.refreshes", "cause=stale"));
        Assert.Equal(7, process.Meters.Sum("millpond.hits"));
        Assert.Equal(1, process.Meters.Sum("millpond.load.keys", "result=missing"));
    });

    [Fact]
    public void Each_tier_has_its_hits_and_its_misses() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var (first, second) = (Watched.In(caches, source), Watched.In(caches, source));
        await first.Things.GetAsync(7);
        caches.Clock.Advance(TimeSpan.FromSeconds(3));
        await second.Things.GetAsync(7);

        Assert.Equal((1, 1), (first.Meters.Sum("millpond.misses", "tier=local"), first.Meters.Sum("millpond.misses", "tier=shared")));
        Assert.Equal((1, 0), (second.Meters.Sum("millpond.misses", "tier=local"), second.Meters.Sum("millpond.misses", "tier=shared")));
        Assert.Equal([1.0], second.Meters.Of("millpond.hits", "tier=shared", "freshness=fresh", "negative=False"));
        Assert.Equal(1, second.Meters.Sum("millpond.hits"));
        Assert.Equal([3.0], second.Meters.Of("millpond.serve.age", "tier=shared"));
        Assert.Single(second.Meters.Of("millpond.miss.duration", "tier=shared"));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void One_hit_in_1024_is_timed_and_its_age_noted() => Caches.Run(async caches =>
    {
        var process = Watched.In(caches, new Source { [7] = "seven" });
        var things = process.Things;
        await things.GetAsync(7);
        caches.Clock.Advance(TimeSpan.FromSeconds(5));
        for (var n = 0; n < 3 * 1024; n++)
        {
            Assert.True(things.GetAsync(7).IsCompletedSuccessfully);
        }

        Assert.Equal([0.0, 0.0, 0.0], process.Meters.Of("millpond.hit.duration", "tier=local"));
        Assert.Equal([5.0, 5.0, 5.0], process.Meters.Of("millpond.serve.age", "tier=local"));
        Assert.Equal(3 * 1024, process.Meters.Sum("millpond.hits"));
    });

    [Fact]
    public void What_is_held_is_counted_and_weighed_and_leaves_by_a_cause() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one", [2] = "two", [3] = "three" };
        var process = Watched.In(caches, source, k => k.Weigh((_, _) => 1_000).Policy(p =>
        {
            p.TimeToLive = TimeSpan.FromSeconds(10);
            p.StaleWhileRevalidate = TimeSpan.FromSeconds(30);
        }));
        foreach (var key in new[] { 1, 2, 3 })
        {
            await process.Things.GetAsync(key);
        }

        Assert.Equal([3.0], process.Meters.Of("millpond.local.entries"));
        Assert.InRange(process.Meters.Sum("millpond.local.bytes"), 3_000, 4_500);
        await process.Things.InvalidateAsync(1);
        caches.Clock.Advance(TimeSpan.FromSeconds(15));
        await process.Things.GetAsync(2);
        caches.Settle();
        caches.Clock.Advance(TimeSpan.FromSeconds(30));
        await process.Things.GetAsync(3);

        Assert.Equal([1.0], process.Meters.Of("millpond.evictions", "cause=invalidated"));
        Assert.Equal([1.0], process.Meters.Of("millpond.evictions", "cause=replaced"));
        Assert.Equal([1.0], process.Meters.Of("millpond.evictions", "cause=expired"));
        Assert.Equal([0.0], process.Meters.Of("millpond.evictions", "cause=capacity"));
        Assert.Equal([2.0], process.Meters.Of("millpond.local.entries"));
    });

    [Fact]
    public void An_entry_that_finds_no_room_is_evicted_for_capacity() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one", [2] = "two" };
        var process = Watched.In(caches, source, k => k.Weigh((_, _) => 1_000).Limits(l => l.LocalBytesMax = 2_000));
        await process.Things.GetAsync(1);
        await process.Things.GetAsync(2);

        Assert.Equal([1.0], process.Meters.Of("millpond.evictions", "cause=capacity"));
        Assert.Equal([1.0], process.Meters.Of("millpond.local.entries"));
    });

    [Fact]
    public void Two_caches_of_a_process_share_the_instruments_and_a_disposed_process_measures_nothing() => Caches.Run(async caches =>
    {
        var process = Watched.In(caches, new Source { [7] = "seven" });
        await process.Things.GetAsync(7);
        Assert.NotEmpty(process.Meters.Of("millpond.misses"));
        Assert.Equal(process.Meters.Published.Select(one => one.Name).Distinct().Count(), process.Meters.Published.Count);

        await process.Services.DisposeAsync();

        Assert.Empty(process.Meters.Of("millpond.misses"));
    });
}
