using Millpond.Feeds;
using Millpond.Testing.Feeds;
using static Millpond.Feeds.RowChangeKind;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>What a feed confirms, where it goes on, and what it says when it cannot.</summary>
internal static class FeedConfirmingCases
{
    public static IReadOnlyList<FeedCase> All { get; } =
    [
        new("What_was_not_confirmed_is_told_again", AgainAsync),
        new("Each_run_says_first_where_it_begins", StartAsync),
        new("What_was_confirmed_is_not_told_again", ConfirmedAsync),
        new("What_is_committed_while_nobody_follows_is_told_later", MeanwhileAsync),
        new("After_a_break_nothing_is_missing", BreakAsync),
        new("A_second_instance_stands_by_and_takes_over", TakeOverAsync, FeedNeeds.Leadership),
        new("Signs_of_life_come_where_nothing_else_does", HeartbeatAsync, FeedNeeds.SignsOfLife),
        new("Lost_history_is_told_as_a_doubt_before_anything_else", LostAsync, FeedNeeds.History),
    ];

    private static RecordingFeedSink NeverConfirming(FeedTable table) => new(table);

    private static async Task StartAsync(FeedCaseRun run)
    {
        var first = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await run.EventuallyAsync(() => first.Rows.Any() && first.Sink.Confirmed is { } confirmed && confirmed.CompareTo(first.Sink.Transactions[^1].Commit.Position) >= 0, "the row is told and confirmed").ConfigureAwait(false);
        await first.StopAsync(run.Fixture).ConfigureAwait(false);
        var second = await run.FollowingAsync().ConfigureAwait(false);
        Expect.True(first.Sink.Start is not null && second.Sink.Start is not null, "both runs say where they begin");
        Expect.Equal(first.Sink.Start!.Value.History, second.Sink.Start!.Value.History, "The history");
        Expect.True(second.Sink.Start.Value.Position.CompareTo(first.Sink.Confirmed!.Value) <= 0, "no run begins past what was confirmed");
    }

    private static async Task AgainAsync(FeedCaseRun run)
    {
        // So that there is a place to go on from.
        var before = await run.FollowingAsync().ConfigureAwait(false);
        await before.StopAsync(run.Fixture).ConfigureAwait(false);

        var first = await run.FollowingAsync(NeverConfirming).ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await run.EventuallyAsync(() => first.Rows.Any(), "the row is told").ConfigureAwait(false);
        await run.Fixture.AdvanceAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        await first.StopAsync(run.Fixture).ConfigureAwait(false);

        var second = run.Follow();
        await run.EventuallyAsync(() => second.Rows.Any(row => row.StartsWith("Insert", StringComparison.Ordinal)), "the row is told again").ConfigureAwait(false);
    }

    private static async Task ConfirmedAsync(FeedCaseRun run)
    {
        var first = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await run.EventuallyAsync(() => first.Rows.Any() && first.Sink.Confirmed is { } confirmed && confirmed.CompareTo(first.Sink.Transactions[^1].Commit.Position) >= 0, "the row is told and confirmed").ConfigureAwait(false);
        await run.Fixture.AdvanceAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        await first.StopAsync(run.Fixture).ConfigureAwait(false);

        var second = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 2, 7, "b")).ConfigureAwait(false);
        await run.EventuallyAsync(() => second.Rows.Any(), "the next row is told").ConfigureAwait(false);
        Expect.All([$"Insert {run.Table} id=2 grp=7 note=b"], second.Rows, "What the next instance is told");
    }

    private static async Task MeanwhileAsync(FeedCaseRun run)
    {
        var first = await run.FollowingAsync().ConfigureAwait(false);
        await first.StopAsync(run.Fixture).ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        var second = run.Follow();
        await run.EventuallyAsync(() => second.Rows.Any(), "the row is told").ConfigureAwait(false);
    }

    private static async Task BreakAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await run.Fixture.BreakAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 2, 7, "b")).ConfigureAwait(false);
        await run.EventuallyAsync(() => follower.Rows.Select(row => row.Split(' ')[2]).Distinct().Count() == 2, "both rows are told").ConfigureAwait(false);
    }

    private static async Task TakeOverAsync(FeedCaseRun run)
    {
        var first = await run.FollowingAsync().ConfigureAwait(false);
        var second = run.Follow();
        await run.EventuallyAsync(() => second.Sink.States.Contains(FeedState.Standby), "the second instance stands by").ConfigureAwait(false);
        Expect.True(!second.Sink.States.Contains(FeedState.Following), "the second instance does not follow while the first does");
        await first.StopAsync(run.Fixture).ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await run.EventuallyAsync(() => second.Rows.Any(), "the second instance takes over").ConfigureAwait(false);
    }

    private static async Task HeartbeatAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        var before = follower.Sink.Heartbeats;
        for (var i = 0; i < 60; i++)
        {
            await run.Fixture.AdvanceAsync(TimeSpan.FromMilliseconds(50)).ConfigureAwait(false);
        }

        var beats = follower.Sink.Heartbeats - before;
        Expect.True(beats >= 2, $"in three seconds there are at least two signs of life (there were {beats})");
    }

    private static async Task LostAsync(FeedCaseRun run)
    {
        var first = await run.FollowingAsync().ConfigureAwait(false);
        await first.StopAsync(run.Fixture).ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "lost")).ConfigureAwait(false);
        await run.Fixture.LoseHistoryAsync().ConfigureAwait(false);
        var second = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 2, 7, "b")).ConfigureAwait(false);
        await run.EventuallyAsync(() => second.Rows.Any(row => row.Contains("id=2", StringComparison.Ordinal)), "what comes later is told").ConfigureAwait(false);
        var doubted = second.Sink.Transactions.SelectMany(one => one.Doubts).Any(doubt => doubt.Table is null && doubt.Reason is FeedDoubtReason.Gap or FeedDoubtReason.OtherHistory);
        Expect.True(doubted, "there is a doubt about everything");
        Expect.True(second.Sink.Transactions[0].Doubts.Count > 0, "the doubt comes first");
    }
}
