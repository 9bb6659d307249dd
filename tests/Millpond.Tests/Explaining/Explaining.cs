using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Explaining;

/// <summary>What an explanation says, in each case as a paragraph that a person can read.</summary>
public sealed class Explaining
{
    private const string Coordinates = "Shared tier: holds no values (it only coordinates).";

    private static async Task<string> Text(IKeyspace<int, string> things, int key = 7)
    {
        var text = (await things.ExplainAsync(key)).ToString();
        return System.Text.RegularExpressions.Regex.Replace(text, "[0-9a-f]{32}", "X");
    }

    [Fact]
    public void A_key_that_nobody_has() => Caches.Run(async caches =>
        Assert.Equal(
            $"Key 7 of keyspace thing. Local tier: absent. {Coordinates} The partition is in incarnation X at sequence 0, its newest floor is 0, and its push channel is "
            + "trusted. The next read loads from the source.",
            await Text(caches.Add(new Source()))));

    [Fact]
    public void A_value_held_in_both_tiers() => Caches.Run(async caches =>
    {
        var things = caches.Add(new Source { [7] = "seven" }, k => k.Tags((_, _) => ["red"]).Policy(p => p.StaleIfError = TimeSpan.FromHours(3)));
        await things.GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(
            "Key 7 of keyspace thing. Local tier: fresh, 90 s old, fresh for another 3.5 min, kept for another 3.1 h, stamp 0, valid as of 0, scopes #red. "
            + "Shared tier: fresh, 90 s old, fresh for another 3.5 min, kept for another 3.1 h, stamp 0, valid as of 0, scopes #red. "
            + "The partition is in incarnation X at sequence 0, its newest floor is 0, and its push channel is trusted. The next read is a local hit.",
            await Text(things));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void An_absence() => Caches.Run(async caches =>
    {
        var things = caches.Add(new Source());
        await things.GetAsync(7);
        Assert.Contains("Local tier: negative (the source has no such row), fresh, 0 ms old, fresh for another 30 s", await Text(things), StringComparison.Ordinal);
    });

    [Fact]
    public void Every_reason_to_be_stale_and_every_next_read() => Caches.Run(async caches =>
    {
        var things = caches.Add(new Source { [7] = "seven" }, k => k.Tags((_, _) => ["red"]).TimeToLive(TimeSpan.FromMinutes(1)).Policy(p =>
            (p.StaleWhileRevalidate, p.RefreshAhead, p.AfterInvalidation) = (TimeSpan.FromMinutes(1), 0.5, Millpond.Shared.AfterInvalidation.Stale)));
        async Task Says(string state, string next)
        {
            var text = await Text(things);
            Assert.Contains("Local tier: " + state, text, StringComparison.Ordinal);
            Assert.EndsWith("The next read " + next + ".", text, StringComparison.Ordinal);
        }

        await things.GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(40));
        await Says("fresh and due for renewal, 40 s old", "is a local hit and renews the value aside");
        caches.Advance(TimeSpan.FromSeconds(40));
        await Says("stale: its time is over, 80 s old, not fresh for 20 s, kept for another 40 s", "is served the stale value while it is renewed aside");
        caches.Advance(TimeSpan.FromSeconds(40));
        await Says("of no use any more: its time is over", "loads from the source");
        await things.GetAsync(7);
        await things.InvalidateAsync(7);
        await Says("stale: its key was invalidated", "is served the stale value while it is renewed aside");
        await things.ReadAsync(7, ReadOptions.AtMost(TimeSpan.FromTicks(-1)));
        caches.Settle();
        await things.InvalidateTagAsync("red");
        await Says("stale: one of its tags, its tenant or its keyspace was invalidated", "is served the stale value while it is renewed aside");
    });

    [Fact]
    public void A_silent_channel_and_another_life() => Caches.Run(async caches =>
    {
        var tier = caches.Faulty();
        var things = caches.Add(new Source { [7] = "seven" }, tier: tier);
        await things.GetAsync(7);
        tier.Operations.IsDown = true;
        caches.Advance(TimeSpan.FromSeconds(5));
        var silent = await Text(things);
        Assert.Contains("Local tier: stale: the push channel is silent", silent, StringComparison.Ordinal);
        Assert.Contains("Shared tier: did not answer.", silent, StringComparison.Ordinal);
        Assert.Contains("and its push channel is silent, so nothing held counts as fresh.", silent, StringComparison.Ordinal);
        Assert.EndsWith("The next read asks the shared tier, and loads if that has nothing good enough.", silent, StringComparison.Ordinal);

        tier.Operations.IsDown = false;
        caches.Shared.RestartEmpty();
        caches.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains("Local tier: stale: the shared tier began another life, or pushes were missed", await Text(things), StringComparison.Ordinal);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_record_that_cannot_be_read() => Caches.Run(async caches =>
    {
        await caches.Add(new Source { [7] = "seven" }).GetAsync(7);
        var numbers = caches.Add(m => m.AddKeyspace<int, int>("thing", k => k.Load((key, _) => new(key)))).Keyspace<int, int>("thing");
        Assert.Equal("holds a record that another codec wrote", (await numbers.ExplainAsync(7)).Shared.State);
        Assert.Equal(7, await numbers.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_flight_under_way() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source);
        source.Hold();
        var read = things.GetAsync(7).AsTask();
        Assert.Contains("A flight for the key is under way.", await Text(things), StringComparison.Ordinal);
        source.Release();
        await read;
        Assert.False((await things.ExplainAsync(7)).InFlight);
    });

    [Fact]
    public void Explaining_changes_nothing() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var tier = caches.Faulty();
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Policy(p => p.Jitter = 0).LoadWith((context, token) =>
            new(LoadResult.Found("seven") with { Version = "etag" }))), tier);
        var things = provider.Keyspace<int, string>("thing");
        await things.ExplainAsync(7);
        Assert.Equal(0, tier.Operations.Count(SharedOperation.Acquire));
        await things.GetAsync(7);
        var counters = provider.HandleOf("thing").Counters;
        var before = (counters.Hits(ReadOrigin.Local, false, false), counters.Misses.Value, counters.Hits(ReadOrigin.Shared, false, false));

        var explained = await things.ExplainAsync(7);

        Assert.Equal(before, (counters.Hits(ReadOrigin.Local, false, false), counters.Misses.Value, counters.Hits(ReadOrigin.Shared, false, false)));
        Assert.Equal("etag", explained.Local.SourceVersion);
        Assert.Equal("etag", explained.Shared.SourceVersion);
        Assert.True(explained.Local.Bytes > 64);
        Assert.Equal(TimeSpan.FromMinutes(5), explained.Local.RenewsIn);
    }, sharedBytes: 1 << 20);
}
