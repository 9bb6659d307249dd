namespace Millpond.Tests.Feeds;

/// <summary>A bound on staleness where a change feed proves what is held.</summary>
public sealed class Proving
{
    private static readonly ReadOptions Bound = ReadOptions.AtMost(TimeSpan.FromSeconds(5));

    [Fact]
    public void What_was_loaded_long_ago_meets_the_bound_while_the_feed_proves_it() => FeedRig.Run(async rig =>
    {
        rig.Write(7, "a");
        var (here, there) = (rig.Follow(), rig.Follow());
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        await here.GetAsync(7);
        await there.GetAsync(7);
        var loads = rig.Rows.Loads;
        for (var seconds = 0; seconds < 60; seconds++)
        {
            rig.Caches.Advance(TimeSpan.FromSeconds(1));
        }

        // Both, though one of them alone follows.
        var (one, other) = (await here.ReadAsync(7, Bound), await there.ReadAsync(7, Bound));
        Assert.Equal(("a", "a", loads), (one.Value, other.Value, rig.Rows.Loads));
        Assert.True(one.Age > TimeSpan.FromSeconds(50) && other.Age > TimeSpan.FromSeconds(50));
    });

    [Fact]
    public void Of_many_keys_those_that_are_proven_are_not_loaded_and_the_others_are() => FeedRig.Run(async rig =>
    {
        for (var key = 0; key < 4; key++)
        {
            rig.Write(key, $"{key}");
        }

        var there = Two(rig);
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        await there.GetManyAsync([0, 1, 2, 99]);
        for (var seconds = 0; seconds < 8; seconds++)
        {
            rig.Caches.Advance(TimeSpan.FromSeconds(1));
        }

        var loads = rig.Rows.Loads;
        var many = await there.GetManyAsync([0, 1, 2, 3, 3, 99], Bound);
        Assert.Equal(["0", "1", "2", "3"], many.OrderBy(one => one.Key).Select(one => one.Value));
        Assert.Equal(loads + 1, rig.Rows.Loads);

        rig.Log.Stop();
        rig.Caches.Advance(TimeSpan.FromSeconds(10));
        rig.Rows[1] = "b";
        Assert.Equal("b", (await there.GetManyAsync([0, 1], Bound))[1]);
        Assert.Equal(loads + 3, rig.Rows.Loads);
    });

    [Theory]
    [InlineData(WhenTooStale.Revalidate)]
    [InlineData(WhenTooStale.Refuse)]
    public void The_bound_holds_while_the_feed_is_down(WhenTooStale whenTooStale) => FeedRig.Run(async rig =>
    {
        rig.Write(7, "a");
        var there = Two(rig);
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        await there.GetAsync(7);
        rig.Caches.Advance(TimeSpan.FromSeconds(10));
        rig.Log.Stop();
        rig.Rows[7] = "b";

        // Proven as of a moment ago, and that is within the bound.
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("a", (await there.ReadAsync(7, Bound)).Value);

        rig.Caches.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("a", await there.GetAsync(7));
        if (whenTooStale == WhenTooStale.Refuse)
        {
            var refused = await Assert.ThrowsAsync<MillpondException>(() => there.ReadAsync(7, Bound with { WhenTooStale = WhenTooStale.Refuse }).AsTask());
            Assert.Equal(ErrorCode.TooStale, refused.Code);
        }
        else
        {
            Assert.Equal("b", (await there.ReadAsync(7, Bound)).Value);
        }
    });

    [Fact]
    public void A_bound_of_zero_is_a_load_of_its_own() => FeedRig.Run(async rig =>
    {
        rig.Write(7, "a");
        var there = Two(rig);
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        await there.GetAsync(7);
        rig.Caches.Advance(TimeSpan.FromSeconds(1));
        var loads = rig.Rows.Loads;
        await there.ReadAsync(7, ReadOptions.AtMost(TimeSpan.Zero));
        Assert.Equal(loads + 1, rig.Rows.Loads);
    });

    [Fact]
    public void A_keyspace_of_another_version_than_the_feed_follows_is_not_proven() => FeedRig.Run(async rig =>
    {
        rig.Write(7, "a");
        rig.Follow();
        var next = rig.Follow(k => k.Version(2).ChangedBy(FeedRig.Table, "id"));
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        await next.GetAsync(7);
        rig.Caches.Advance(TimeSpan.FromSeconds(30));
        var loads = rig.Rows.Loads;
        await next.ReadAsync(7, Bound);
        Assert.Equal(loads + 1, rig.Rows.Loads);
    });

    /// <summary>One process that follows, and the one that is returned, which stands by.</summary>
    private static IKeyspace<int, string> Two(FeedRig rig)
    {
        rig.Follow();
        return rig.Follow();
    }
}
