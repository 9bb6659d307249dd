using Millpond.Engines.Live;
using Millpond.Feeds;

namespace Millpond.Postgres.Live.Tests.Live.Regions;

/// <summary>Two regions with two PostgreSQL clusters, one a subscriber of the other.</summary>
public sealed class Sessions(RegionPair pair) : IClassFixture<RegionPair>, IAsyncDisposable
{
    private const int Writes = 40;

    private static readonly ReadOptions Patient = new() { BehindWaitMax = TimeSpan.FromSeconds(30) };

    public ValueTask DisposeAsync() => pair.LeaveAsync();

    [Fact]
    public async Task A43_A47_what_a_session_wrote_at_home_is_what_it_reads_far_away_and_nothing_stays_stale()
    {
        var (home, far) = (await pair.AddAsync(pair.Home), await pair.AddAsync(pair.Far));
        var (other, written, behind) = (await pair.AddAsync(pair.Far), new long[RegionPair.Rows + 1], 0);
        for (var i = 0; i < Writes; i++)
        {
            var id = 1 + (i % RegionPair.Rows);
            written[id] = i + 1;
            await Database.RunAsync(pair.Home, $"update things set version = {i + 1} where id = {id}");
            var session = new Session();
            await home.NoteWriteAsync(id, session);
            var carried = Session.Resume(session.Ticket);
            behind += await far.GetAsync(id) == $"{i + 1}" ? 0 : 1;
            Assert.Equal($"{i + 1}", (await far.ReadAsync(id, Patient with { Session = carried })).Value);

            // Whichever process it comes to next, here or at home, it does not go back.
            Assert.Equal($"{i + 1}", (await other.ReadAsync(id, Patient with { Session = Session.Resume(carried.Ticket) })).Value);
            Assert.Equal($"{i + 1}", (await home.ReadAsync(id, Patient with { Session = carried })).Value);
        }

        foreach (var process in new[] { far, other, home })
        {
            for (var id = 1; id <= RegionPair.Rows; id++)
            {
                await RegionPair.UntilAsync(async () => await process.GetAsync(id) == $"{written[id]}", $"row {id} is {written[id]} everywhere");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Writes} writes; far away {behind} were not seen at once without a session, and 0 in one");
    }

    [Fact]
    public async Task A48_a_region_that_is_cut_off_says_so_keeps_no_promise_it_cannot_keep_and_loses_nothing()
    {
        var (home, far) = (await pair.AddAsync(pair.Home), await pair.AddAsync(pair.Far));
        var bound = ReadOptions.AtMost(TimeSpan.FromSeconds(3));
        await Database.RunAsync(pair.Home, "update things set version = 1000 where id = 1");
        await RegionPair.UntilAsync(async () => await far.GetAsync(1) == "1000", "the far region has the row");
        await RegionPair.UntilAsync(async () => await TryAsync(far, bound with { BehindWaitMax = TimeSpan.FromSeconds(5) }) == "1000", "its feed proves that it is recent");
        await Database.RunAsync(pair.Far, "alter subscription home disable");
        try
        {
            await Database.RunAsync(pair.Home, "update things set version = 1001 where id = 1");
            var session = new Session();
            await home.NoteWriteAsync(1, session);
            await RegionPair.UntilAsync(() => new(pair.LastFeed.State == FeedState.CutOff), "it says that it is cut off");
            await RegionPair.UntilAsync(() => new(pair.LastFeed.Lag > TimeSpan.FromSeconds(4)), "its lag grows");
            Assert.Equal("1000", await far.GetAsync(1));
            Assert.Equal(ErrorCode.TooStale, await RefusedAsync(far, bound with { BehindWaitMax = TimeSpan.Zero }));
            Assert.Equal(ErrorCode.RegionBehind, await RefusedAsync(far, ReadOptions.In(session) with { BehindWaitMax = TimeSpan.Zero }));
            Assert.Equal("1001", (await far.ReadAsync(1, ReadOptions.In(session) with { BehindWaitMax = TimeSpan.Zero, WhenBehind = WhenBehind.AskHome })).Value);
        }
        finally
        {
            await Database.RunAsync(pair.Far, "alter subscription home enable");
        }

        await RegionPair.UntilAsync(async () => await far.GetAsync(1) == "1001" && pair.LastFeed.State == FeedState.Following, "it has caught up");
        await RegionPair.UntilAsync(async () => await TryAsync(far, bound) == "1001", "and proves it");
    }

    [Fact]
    public async Task Faults_of_a_replica_are_named_with_the_sql_that_mends_them()
    {
        var feed = new PostgresFeed("faulty", new PostgresFeedOptions { ConnectionString = pair.Home.ConnectionString, Home = pair.Home.ConnectionString, Slot = "faulty" }, Runtime.Surroundings.Real);
        await using var ends = feed;
        var refused = await Assert.ThrowsAsync<MillpondException>(() => feed.FollowAsync(new Millpond.Testing.Feeds.RecordingFeedSink(new FeedTable("public.things", ["id"])), TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.FeedUnfit, refused.Code);
        Assert.Contains("has 0 subscriptions", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<ErrorCode> RefusedAsync(IKeyspace<int, string> cache, ReadOptions options) => (await Assert.ThrowsAsync<MillpondException>(() => cache.ReadAsync(1, options).AsTask())).Code;

    private static async Task<string?> TryAsync(IKeyspace<int, string> cache, ReadOptions options)
    {
        try
        {
            return (await cache.ReadAsync(1, options)).Value;
        }
        catch (MillpondException refused) when (refused.Code == ErrorCode.TooStale)
        {
            return null;
        }
    }
}
