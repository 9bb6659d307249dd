using Millpond.Events;
using Millpond.Feeds;
using Millpond.Shared;
using Millpond.Testing.Faults;
using Millpond.Tests.Feeds;

namespace Millpond.Tests.Anomalies;

/// <summary>A change is missed, made past the application, told early, late, twice or not at all: what change feeds are for.</summary>
public sealed class LateChanges
{
    private const int K = Fleet.K;

    [Fact]
    public void A14_writer_dies_between_commit_and_invalidate() => FeedRig.Run(async rig =>
    {
        rig.Write(K, "v1");
        var (here, there) = (rig.Follow(), rig.Other());
        await here.GetAsync(K);
        await there.GetAsync(K);

        // Committed, and its writer says nothing any more.
        rig.Write(K, "v2");
        Assert.Equal(("v2", "v2"), (await here.GetAsync(K), await there.GetAsync(K)));
    });

    [Fact]
    public void A16_partial_change_is_not_confirmed_until_all_of_it_is_told() => FeedRig.Run(async rig =>
    {
        var tier = rig.Caches.Faulty();
        rig.Write(K, "v1");
        var (here, there) = (rig.Follow(tier: tier), rig.Other());
        await there.GetAsync(K);
        rig.Caches.Advance(TimeSpan.FromSeconds(1));
        var before = rig.Log.Confirmed;
        tier.Operations.IsDown = true;
        rig.Write(K, "v2");
        rig.Caches.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((before, "v1"), (rig.Log.Confirmed, await there.GetAsync(K)));
        Assert.Equal("v2", await here.GetAsync(K));

        tier.Operations.IsDown = false;
        rig.Caches.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((before + 1, "v2"), (rig.Log.Confirmed, await there.GetAsync(K)));
    });

    [Fact]
    public void A17_write_past_the_application() => A14_writer_dies_between_commit_and_invalidate();

    [Fact]
    public void A18_feed_confirms_then_dies() => FeedRig.Run(async rig =>
    {
        var tier = rig.Caches.Faulty();
        rig.Write(K, "v1");
        var there = rig.Other();
        rig.Follow(tier: tier);
        rig.Caches.Advance(TimeSpan.FromSeconds(1));
        await there.GetAsync(K);

        // It has heard of v2 and dies before it told anybody.
        tier.Operations.Gate(SharedOperation.Change, FaultPoint.BeforeEffect);
        rig.Write(K, "v2");
        await rig.Host.DisposeAsync();
        Assert.Equal("v1", await there.GetAsync(K));

        rig.Follow();
        rig.Caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("v2", await there.GetAsync(K));
    });

    [Fact]
    public void A19_feed_replays() => FeedRig.Run(async rig =>
    {
        rig.Write(K, "v1");
        var here = rig.Follow();
        rig.Write(K, "v2");
        rig.Write(K, "v3");
        Assert.Equal("v3", await here.GetAsync(K));

        // An old change again: a miss, and never an old value, since a change carries none.
        rig.Log.Commit(new RowChange(FeedRig.Table, RowChangeKind.Update, Row("v1"), Row("v2")));
        rig.Caches.Settle();
        Assert.Equal("v3", await here.GetAsync(K));
    });

    [Fact]
    public void A20_undecodable_event() => FeedRig.Run(async rig =>
    {
        rig.Write(K, "v1");
        var here = rig.Follow(k => k.Policy(p => p.StaleWhileRevalidate = TimeSpan.FromMinutes(1)).ChangedBy(FeedRig.Table, "id"));
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        await here.GetAsync(K);
        rig.Rows[K] = "v2";
        rig.Log.CommitUndecodable(FeedRig.Table);
        rig.Caches.Settle();

        // Soft-stale: served while it is renewed aside, and there is an alarm.
        var reading = await here.ReadAsync(K);
        Assert.Equal(("v1", StaleReason.Doubted), (reading.Value, reading.Stale));
        Assert.Equal(FeedDoubtReason.Undecodable, rig.Heard.All<FeedDoubted>().Last().Doubt.Reason);
        rig.Caches.Settle();
        Assert.Equal("v2", await here.GetAsync(K));
    });

    [Fact]
    public void A20_row_that_a_rule_cannot_read() => FeedRig.Run(async rig =>
    {
        rig.Write(K, "v1");
        var here = rig.Follow();
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        await here.GetAsync(K);
        rig.Rows[K] = "v2";
        rig.Log.Commit(new RowChange(FeedRig.Table, RowChangeKind.Insert, null, new RowValues(["id"], ["seven"])));
        rig.Caches.Settle();
        Assert.Equal("v2", await here.GetAsync(K));
        var doubt = rig.Heard.All<FeedDoubted>().Last().Doubt;
        Assert.Equal((FeedDoubtReason.Mapping, FeedRig.Table), (doubt.Reason, doubt.Table));
        Assert.DoesNotContain("seven", doubt.Detail, StringComparison.Ordinal);
    });

    [Fact]
    public void A21_retention_lost() => FeedRig.Run(async rig =>
    {
        rig.Write(K, "v1");
        var (here, there) = (rig.Follow(), rig.Other());
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        await here.GetAsync(K);
        await there.GetAsync(K);
        rig.Log.Stop();
        rig.Caches.Advance(TimeSpan.FromSeconds(1));
        rig.Write(K, "v2");
        rig.Log.Forget();
        rig.Log.Start();
        rig.Caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(FeedDoubtReason.Gap, rig.Heard.All<FeedDoubted>().Last().Doubt.Reason);
        Assert.Equal(("v2", "v2"), (await here.GetAsync(K), await there.GetAsync(K)));
    });

    [Fact]
    public void A21_place_made_anew_by_somebody_else() => FeedRig.Run(async rig =>
    {
        rig.Write(K, "v1");
        var there = rig.Other();
        rig.Follow();
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        await there.GetAsync(K);
        await rig.Host.DisposeAsync();
        rig.Write(K, "v2");
        rig.Log.MakeAnew();
        rig.Follow();
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("v2", await there.GetAsync(K));
        Assert.Equal(FeedDoubtReason.Gap, rig.Heard.All<FeedDoubted>().Last().Doubt.Reason);
    });

    [Fact]
    public void A50_A51_source_that_is_restored_takes_versions_back() => FeedRig.Run(async rig =>
    {
        rig.Write(K, "v1");
        var there = rig.Other();
        rig.Follow();
        rig.Write(K, "v2");
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("v2", await there.GetAsync(K));

        // Restored to v1: the same source, another history.
        rig.Log.Stop();
        rig.Caches.Advance(TimeSpan.FromSeconds(1));
        rig.Rows[K] = "v1";
        rig.Log.Restore(new FeedPosition(1));
        rig.Log.Start();
        rig.Caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("v1", await there.GetAsync(K));
        Assert.Equal(FeedDoubtReason.OtherHistory, rig.Heard.All<FeedDoubted>().Last().Doubt.Reason);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A23_A27_another_life_of_the_shared_tier_lacks_what_was_confirmed(bool relayDies) => FeedRig.Run(async rig =>
    {
        rig.Write(K, "v1");
        var there = rig.Other();
        rig.Follow();
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        var old = rig.Caches.Shared.Snapshot();
        if (relayDies)
        {
            rig.Write(K, "v2");
            rig.Caches.Advance(TimeSpan.FromSeconds(2));
            await rig.Host.DisposeAsync();
        }

        // The new life begins without the change, and somebody loads v1 in it: as A25 has it, the old life still acknowledged v2 after the new one had begun.
        rig.Rows[K] = "v1";
        rig.Caches.Shared.RestartFrom(old);
        Assert.Equal("v1", await there.GetAsync(K));
        rig.Rows[K] = "v2";
        if (relayDies)
        {
            rig.Follow();
        }

        rig.Caches.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("v2", await there.GetAsync(K));
        Assert.Equal(FeedDoubtReason.OtherIncarnation, rig.Heard.All<FeedDoubted>().Last().Doubt.Reason);
    });

    internal static RowValues Row(string note) => new(["id", "grp", "note"], [$"{K}", "0", note]);
}
