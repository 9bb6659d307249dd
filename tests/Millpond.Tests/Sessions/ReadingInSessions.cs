namespace Millpond.Tests.Sessions;

/// <summary>Reads of a session, in two regions.</summary>
public sealed class ReadingInSessions
{
    private const int K = TwoRegions.K;

    [Fact]
    public void What_a_session_wrote_at_home_it_waits_for_elsewhere() => TwoRegions.Run(async regions =>
    {
        var (home, far) = (regions.AtHome(), regions.Far());
        await far.GetAsync(K);
        var session = new Session();
        regions.Commit(K, "v2");
        await home.NoteWriteAsync(K, session);

        var read = far.ReadAsync(K, ReadOptions.In(Session.Resume(session.Ticket))).AsTask();
        regions.Caches.Settle();
        Assert.Equal((false, "v1"), (read.IsCompleted, await far.GetAsync(K)));

        regions.Replicate();
        Assert.Equal("v2", (await read).Value);
    });

    [Fact]
    public void It_is_refused_when_the_region_does_not_come_so_far() => TwoRegions.Run(async regions =>
    {
        var far = await BehindAsync(regions);
        var beganAt = regions.Caches.Surroundings.Now;
        var refused = await Assert.ThrowsAsync<MillpondException>(() => far.Keyspace.ReadAsync(K, ReadOptions.In(far.Session) with { BehindWaitMax = TimeSpan.FromSeconds(3) }).AsTask());
        Assert.Equal((ErrorCode.RegionBehind, 3), (refused.Code, (int)TimeSpan.FromTicks(regions.Caches.Surroundings.Now - beganAt).TotalSeconds));
        var atOnce = regions.Caches.Surroundings.Now;
        await Assert.ThrowsAsync<MillpondException>(() => far.Keyspace.ReadAsync(K, ReadOptions.In(far.Session) with { BehindWaitMax = TimeSpan.Zero }).AsTask());
        Assert.Equal(atOnce, regions.Caches.Surroundings.Now);
    });

    [Fact]
    public void It_is_loaded_from_home_where_it_would_rather_than_be_refused_and_kept_nowhere() => TwoRegions.Run(async regions =>
    {
        var far = await BehindAsync(regions);
        var read = await far.Keyspace.ReadAsync(K, ReadOptions.In(far.Session) with { WhenBehind = WhenBehind.AskHome, BehindWaitMax = TimeSpan.Zero });
        Assert.Equal(("v2", ReadOrigin.Source), (read.Value, read.Origin));
        Assert.Equal("v1", await far.Keyspace.GetAsync(K));
    });

    [Fact]
    public void Without_a_home_loader_it_is_refused_and_told_so() => TwoRegions.Run(async regions =>
    {
        var far = await BehindAsync(regions, declares: false);
        var refused = await Assert.ThrowsAsync<MillpondException>(() => far.Keyspace.ReadAsync(K, ReadOptions.In(far.Session) with { WhenBehind = WhenBehind.AskHome }).AsTask());
        Assert.Equal(ErrorCode.RegionBehind, refused.Code);
        Assert.Contains("LoadFromHome", refused.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void What_a_session_saw_at_home_it_does_not_go_back_behind() => TwoRegions.Run(async regions =>
    {
        var (home, far) = (regions.AtHome(), regions.Far());
        await far.GetAsync(K);
        regions.Commit(K, "v2");
        var session = new Session();
        Assert.Equal("v2", (await home.ReadAsync(K, ReadOptions.In(session))).Value);
        Assert.Equal(ErrorCode.RegionBehind, (await Assert.ThrowsAsync<MillpondException>(() => far.ReadAsync(K, ReadOptions.In(session)).AsTask())).Code);
        regions.Replicate();
        Assert.Equal("v2", (await far.ReadAsync(K, ReadOptions.In(session))).Value);
    });

    [Fact]
    public void A_value_that_a_writer_kept_counts_as_seen_when_it_was_committed() => TwoRegions.Run(async regions =>
    {
        // The ticket is older than the commit, and so is the age of the value; what a reader has seen of it is not.
        var (home, far) = (regions.AtHome(), regions.Far());
        var ticket = await home.BeginWriteAsync(K);
        regions.Caches.Advance(TimeSpan.FromSeconds(3));
        regions.Log.Beats = false;
        regions.Rows[K] = "v2";
        var position = regions.Log.Commit();
        Assert.True(await ticket.SetAsync("v2"));
        regions.Log.Beats = true;
        regions.Caches.Advance(TimeSpan.FromSeconds(3));
        var session = new Session();
        Assert.Equal("v2", (await home.ReadAsync(K, ReadOptions.In(session))).Value);
        Assert.True(session.Required(Number).Single().Place >= position.Major);
        Assert.Equal(ErrorCode.RegionBehind, (await Assert.ThrowsAsync<MillpondException>(() => far.ReadAsync(K, ReadOptions.In(session)).AsTask())).Code);
    });

    [Fact]
    public void What_it_saw_long_ago_no_region_is_asked_to_wait_for() => TwoRegions.Run(async regions =>
    {
        var (home, far) = (regions.AtHome(), regions.Far());
        await home.GetAsync(K);
        var noted = new Session();
        await home.ReadAsync(K, ReadOptions.In(noted));
        regions.Caches.Advance(TimeSpan.FromSeconds(3));
        await home.ReadAsync(K, ReadOptions.In(noted));
        for (var id = 100; id < 110; id++)
        {
            regions.Commit(id, "other");
            regions.Caches.Advance(TimeSpan.FromSeconds(1));
        }

        // The far region lacks all of those, and has what was seen.
        var session = new Session();
        await home.ReadAsync(K, ReadOptions.In(session));
        Assert.Equal("v1", (await far.ReadAsync(K, ReadOptions.In(session) with { BehindWaitMax = TimeSpan.Zero })).Value);
    });

    [Fact]
    public void Keys_that_it_was_not_about_do_not_wait() => TwoRegions.Run(async regions =>
    {
        var far = await BehindAsync(regions);
        Assert.Null((await far.Keyspace.ReadAsync(99, ReadOptions.In(far.Session) with { BehindWaitMax = TimeSpan.Zero })).Value);
    });

    [Fact]
    public void Many_keys_are_read_as_each_alone_would_be() => TwoRegions.Run(async regions =>
    {
        regions.Commit(8, "w1");
        regions.Replicate();
        var far = await BehindAsync(regions);
        await Assert.ThrowsAsync<MillpondException>(() => far.Keyspace.GetManyAsync([K, 8], ReadOptions.In(far.Session)).AsTask());
        var read = await far.Keyspace.GetManyAsync([K, 8, 8, 99], ReadOptions.In(far.Session) with { WhenBehind = WhenBehind.AskHome, BehindWaitMax = TimeSpan.Zero });
        Assert.Equal(["7 v2", "8 w1"], read.OrderBy(one => one.Key).Select(one => $"{one.Key} {one.Value}"));
    });

    [Fact]
    public void Once_the_region_has_come_so_far_it_is_served_from_here() => TwoRegions.Run(async regions =>
    {
        var far = await BehindAsync(regions);
        regions.Replicate();
        regions.Caches.Advance(TimeSpan.FromSeconds(3));
        await far.Keyspace.ReadAsync(K, ReadOptions.In(far.Session));
        regions.Caches.Advance(TimeSpan.FromSeconds(3));
        var loads = regions.FarRows.Loads;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(ReadOrigin.Local, (await far.Keyspace.ReadAsync(K, ReadOptions.In(far.Session))).Origin);
        }

        Assert.Equal(loads, regions.FarRows.Loads);
    });

    [Fact]
    public void What_is_held_stale_is_not_served_to_it() => TwoRegions.Run(async regions =>
    {
        var far = await BehindAsync(regions, k => k.Policy(p =>
        {
            p.TimeToLive = TimeSpan.FromSeconds(5);
            (p.StaleWhileRevalidate, p.StaleIfError, p.AfterInvalidation) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1), Millpond.Shared.AfterInvalidation.Stale);
        }));
        regions.Replicate();
        regions.Caches.Advance(TimeSpan.FromSeconds(10));
        regions.FarRows.Failure = new IOException("away");
        Assert.Equal("v1", await far.Keyspace.GetAsync(K));
        var failed = await Assert.ThrowsAsync<MillpondException>(() => far.Keyspace.ReadAsync(K, ReadOptions.In(far.Session)).AsTask());
        Assert.Equal(ErrorCode.LoadFailed, failed.Code);
    });

    [Fact]
    public void A_failover_at_home_takes_nobody_s_session_away() => TwoRegions.Run(async regions =>
    {
        var (home, far) = (regions.AtHome(), regions.Far());
        var session = new Session();
        regions.Commit(K, "lost");
        await home.NoteWriteAsync(K, session);
        regions.Log.Restore(new Millpond.Feeds.FeedPosition(1));
        regions.Rows[K] = "v1";
        regions.Commit(K, "v3");
        regions.Replicate();
        Assert.Equal("v3", (await far.ReadAsync(K, ReadOptions.In(session))).Value);
    });

    [Fact]
    public void A_session_of_another_database_is_refused_far_away_and_served_at_home() => TwoRegions.Run(async regions =>
    {
        var (home, far) = (regions.AtHome(), regions.Far());
        var session = new Session();
        session.Advance(new HomePosition(2, 1, 1));
        Assert.Equal("v1", (await home.ReadAsync(K, ReadOptions.In(session))).Value);
        Assert.Equal(ErrorCode.RegionBehind, (await Assert.ThrowsAsync<MillpondException>(() => far.ReadAsync(K, ReadOptions.In(session)).AsTask())).Code);
    });

    [Fact]
    public void A_keyspace_that_nobody_follows_keeps_no_sessions_and_says_so() => TwoRegions.Run(async regions =>
    {
        var alone = regions.Caches.Add(regions.Rows);
        var read = await Assert.ThrowsAsync<MillpondException>(() => alone.ReadAsync(K, ReadOptions.In(new Session())).AsTask());
        var written = await Assert.ThrowsAsync<MillpondException>(() => alone.NoteWriteAsync(K, new Session()).AsTask());
        Assert.Equal((ErrorCode.PositionUnknown, ErrorCode.PositionUnknown), (read.Code, written.Code));
    });

    [Fact]
    public void A_write_whose_place_is_not_known_is_an_error() => TwoRegions.Run(async regions =>
    {
        var far = regions.Far();
        regions.Replica.IsCutOff = true;
        var session = new Session();
        Assert.Equal(ErrorCode.PositionUnknown, (await Assert.ThrowsAsync<MillpondException>(() => far.NoteWriteAsync(K, session).AsTask())).Code);
        await far.NoteWriteAsync(K, session, regions.Log.Position);
        Assert.Equal(regions.Log.Position, session.Required(Number).Single());
    });

    private static ulong Number => Millpond.Keyspaces.PartitionHash.Whole($"thing\n{K}");

    /// <summary>A far region that holds v1, and a session that has written v2 at home.</summary>
    private static async Task<(IKeyspace<int, string> Keyspace, Session Session)> BehindAsync(TwoRegions regions, Action<KeyspaceBuilder<int, string>>? declare = null, bool declares = true)
    {
        var home = regions.AtHome();
        var far = regions.Far(declare: k =>
        {
            if (declares)
            {
                k.LoadFromHome(regions.Rows.LoadAsync);
            }

            declare?.Invoke(k);
        });
        await far.GetAsync(K);
        await far.GetAsync(8);
        var session = new Session();
        regions.Commit(K, "v2");
        await home.NoteWriteAsync(K, session);
        return (far, session);
    }
}
