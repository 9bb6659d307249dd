using Microsoft.Extensions.Logging;
using Millpond.Feeds;
using Millpond.Policies;
using Millpond.Testing.Faults;
using Millpond.Tests.Sessions;

namespace Millpond.Tests.Anomalies;

/// <summary>Several nodes, database replicas and regions.</summary>
public sealed class RegionAnomalies
{
    private const int K = TwoRegions.K;

    [Fact]
    public void A43_flip_flop_between_nodes_in_a_session() => Assert.Equal("v2, v2", FlipFlop(null));

    [Fact]
    public void A43_appears_where_every_node_counts_as_having_come_so_far() => Assert.Equal("v2, v1", FlipFlop(new EverywhereIsFarEnough()));

    [Fact]
    public void A43_flip_flop_between_regions_in_a_session() => Assert.Equal("refused", BetweenRegions(null));

    [Fact]
    public void A43_appears_where_a_value_counts_as_seen_when_its_load_began() => Assert.Equal("v1", BetweenRegions(new SeenWhenItsLoadBegan()));

    [Fact]
    public void A43_what_a_node_has_not_heard_it_finds_out_without_a_load() => TwoRegions.Run(async regions =>
    {
        var slow = new FaultySharedTier(regions.Caches.Shared, regions.Caches.Surroundings, seed: 1) { HeartbeatPeriod = TimeSpan.FromMinutes(1) };
        var (one, other) = (regions.AtHome(), regions.AtHome(slow));
        await other.GetAsync(K);
        slow.Pushes.AreHeld = true;
        regions.Commit(K, "v2");
        var session = new Session();
        await one.ReadAsync(K, ReadOptions.In(session));

        // By now the feed's mark says that v2 was told; this node alone has not heard it.
        regions.Caches.Advance(TimeSpan.FromSeconds(2));
        var loads = regions.Rows.Loads;
        Assert.Equal("v1", await other.GetAsync(K));
        var read = await other.ReadAsync(K, ReadOptions.In(session));
        Assert.Equal(("v2", ReadOrigin.Shared, loads), (read.Value, read.Origin, regions.Rows.Loads));
    });

    [Fact]
    public void A45_replica_fill() => Assert.Equal("v2", ReplicaFill(waitsForReplica: true, losesFloors: false));

    [Fact]
    public void A45_appears_where_the_feed_does_not_wait_for_the_replica() => Assert.Equal("v1", ReplicaFill(waitsForReplica: false, losesFloors: false));

    [Fact]
    public void A46_floor_lost_and_replica_fill() => Assert.Equal("v2", ReplicaFill(waitsForReplica: true, losesFloors: true));

    [Fact]
    public void A46_appears_where_the_feed_does_not_wait_for_the_replica() => Assert.Equal("v1", ReplicaFill(waitsForReplica: false, losesFloors: true));

    [Fact]
    public void A47_change_overtakes_replication_into_a_region() => Assert.Equal("v1, v2", Overtaken(followsReplica: true));

    [Fact]
    public void A47_appears_where_a_region_follows_the_log_of_another() => Assert.Equal("v1, v1", Overtaken(followsReplica: false));

    [Fact]
    public void A48_region_cut_off() => TwoRegions.Run(async regions =>
    {
        var bound = ReadOptions.AtMost(TimeSpan.FromSeconds(5));
        var far = regions.Far(declare: k => k.LoadFromHome(regions.Rows.LoadAsync));
        await far.GetAsync(K);
        regions.Caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("v1", (await far.ReadAsync(K, bound)).Value);

        regions.Replica.IsCutOff = true;
        regions.Commit(K, "v2");
        regions.Caches.Advance(TimeSpan.FromSeconds(4));
        for (var seconds = 0; seconds < 30; seconds++)
        {
            regions.Caches.Advance(TimeSpan.FromSeconds(1));
        }

        // Said before anybody asks, served to who asks for nothing, and to nobody who asks for a bound: a load that begins now shows what is as old.
        Assert.Equal(FeedState.CutOff, regions.FarFeed.State);
        Assert.Equal(LogLevel.Warning, regions.Logs.Of(90)[^1].Level);
        Assert.Contains("cut off from the home database", (await regions.FarHealthAsync()).Description, StringComparison.Ordinal);
        Assert.True(regions.FarFeed.Lag > TimeSpan.FromSeconds(30));
        Assert.Equal("v1", await far.GetAsync(K));
        foreach (var options in new[] { bound, bound with { WhenTooStale = WhenTooStale.Refuse }, ReadOptions.AtMost(TimeSpan.Zero) })
        {
            Assert.Equal(ErrorCode.TooStale, (await Assert.ThrowsAsync<MillpondException>(() => far.ReadAsync(K, options).AsTask())).Code);
        }

        Assert.Equal("v2", (await far.ReadAsync(K, bound with { WhenBehind = WhenBehind.AskHome })).Value);

        // Connected again, it has lost nothing.
        regions.Replica.IsCutOff = false;
        regions.Replicate();
        regions.Caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(("v2", "v2", FeedState.Following), (await far.GetAsync(K), (await far.ReadAsync(K, bound)).Value, regions.FarFeed.State));
    });

    private static string FlipFlop(ProtocolRules? rules)
    {
        var read = "";
        TwoRegions.Run(async regions =>
        {
            var slow = regions.Caches.Faulty();
            var (one, other) = (regions.AtHome(), regions.AtHome(slow));
            await other.GetAsync(K);

            // The other node has not heard of v2 when the session comes to it.
            slow.Pushes.AreHeld = true;
            regions.Commit(K, "v2");
            var session = new Session();
            var first = await one.ReadAsync(K, ReadOptions.In(session));
            Assert.Equal("v1", await other.GetAsync(K));
            regions.Caches.Advance(TimeSpan.FromMilliseconds(1));
            read = $"{first.Value}, {(await other.ReadAsync(K, ReadOptions.In(session))).Value}";
        }, rules);
        return read;
    }

    private static string BetweenRegions(ProtocolRules? rules)
    {
        var read = "";
        TwoRegions.Run(async regions =>
        {
            var (home, far) = (regions.AtHome(), regions.Far());
            await far.GetAsync(K);

            // A load that begins before v2 and shows it.
            regions.Caches.Advance(TimeSpan.FromSeconds(1));
            regions.Rows.Hold();
            regions.Rows[K] = "v2";
            var session = new Session();
            var slow = home.ReadAsync(K, ReadOptions.In(session)).AsTask();
            regions.Caches.Settle();
            regions.Caches.Advance(TimeSpan.FromSeconds(2));
            regions.Log.Commit();
            regions.Rows.Release();
            Assert.Equal("v2", (await slow).Value);
            try
            {
                read = (await far.ReadAsync(K, ReadOptions.In(session))).Value!;
            }
            catch (MillpondException refused) when (refused.Code == ErrorCode.RegionBehind)
            {
                read = "refused";
            }
        }, rules);
        return read;
    }

    /// <summary>Loads read a replica, the feed follows the primary: a change counts as applied only when the replica shows it.</summary>
    private static string ReplicaFill(bool waitsForReplica, bool losesFloors)
    {
        var read = "";
        TwoRegions.Run(async regions =>
        {
            var far = regions.Far(feed: regions.Log.NewFeed());
            regions.Log.ShowsAtOnce = !waitsForReplica;
            regions.Commit(K, "v2");
            if (losesFloors)
            {
                regions.FarTier.RestartEmpty();
                regions.Caches.Advance(TimeSpan.FromSeconds(2));
            }

            Assert.Equal("v1", await far.GetAsync(K));
            regions.Caches.Advance(TimeSpan.FromSeconds(2));
            regions.Replicate();
            regions.Log.ShowAll();
            regions.Caches.Advance(TimeSpan.FromSeconds(2));
            read = (await far.GetAsync(K))!;
        });
        return read;
    }

    private static string Overtaken(bool followsReplica)
    {
        var read = "";
        TwoRegions.Run(async regions =>
        {
            var far = regions.Far(feed: followsReplica ? null : regions.Log.NewFeed());
            await far.GetAsync(K);
            regions.Commit(K, "v2");
            var between = await far.GetAsync(K);
            regions.Replicate();
            regions.Caches.Advance(TimeSpan.FromSeconds(2));
            read = $"{between}, {await far.GetAsync(K)}";
        });
        return read;
    }

    private sealed class EverywhereIsFarEnough : ProtocolRules
    {
        public override bool HasReached(HomePosition region, HomePosition wanted) => true;
    }

    private sealed class SeenWhenItsLoadBegan : ProtocolRules
    {
        public override long SeenBy(long loadedAt, long loadEndedBy) => loadedAt;
    }
}
