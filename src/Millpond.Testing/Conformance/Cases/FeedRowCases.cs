using static Millpond.Feeds.RowChangeKind;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>What of the source's commits a feed tells, and how.</summary>
internal static class FeedRowCases
{
    public static IReadOnlyList<FeedCase> All { get; } =
    [
        new("A_new_row_is_told_with_its_values", InsertAsync),
        new("A_changed_row_is_told_with_its_values_after", UpdateAsync),
        new("A_changed_row_is_told_with_its_values_before", OldValuesAsync, FeedNeeds.OldValues),
        new("A_deleted_row_is_told_with_its_key", DeleteAsync),
        new("A_truncate_is_told", TruncateAsync, FeedNeeds.Truncate),
        new("Rows_of_one_transaction_are_told_together_and_in_order", TogetherAsync, FeedNeeds.WholeTransactions),
        new("What_is_rolled_back_is_never_told", RollBackAsync, FeedNeeds.RollBack),
        new("Transactions_are_told_in_the_order_of_their_commits", OrderAsync),
        new("A_transaction_of_many_rows_is_told_whole", ManyAsync, FeedNeeds.WholeTransactions),
        new("Text_of_any_kind_arrives_as_it_is", TextAsync),
        new("Whatever_is_told_is_said_to_be_visible_in_the_end", VisibleAsync),
    ];

    private static async Task InsertAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await TellsAsync(run, follower, row => row == $"Insert {run.Table} id=1 grp=7 note=a").ConfigureAwait(false);
    }

    private static async Task UpdateAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Update, 1, 8, "b")).ConfigureAwait(false);
        await TellsAsync(run, follower, row => row.StartsWith($"Update {run.Table} id=1", StringComparison.Ordinal) && row.EndsWith("id=1 grp=8 note=b", StringComparison.Ordinal)).ConfigureAwait(false);
    }

    private static async Task OldValuesAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Update, 1, 8, "b")).ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Delete, 1)).ConfigureAwait(false);
        await TellsAsync(run, follower, row => row == $"Update {run.Table} id=1 grp=7 note=a -> id=1 grp=8 note=b").ConfigureAwait(false);
        await TellsAsync(run, follower, row => row == $"Delete {run.Table} id=1 grp=8 note=b").ConfigureAwait(false);
    }

    private static async Task DeleteAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Delete, 1)).ConfigureAwait(false);
        await TellsAsync(run, follower, row => row.StartsWith($"Delete {run.Table} id=1", StringComparison.Ordinal)).ConfigureAwait(false);
    }

    private static async Task TruncateAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Truncate)).ConfigureAwait(false);
        await TellsAsync(run, follower, row => row == $"Truncate {run.Table}").ConfigureAwait(false);
    }

    private static async Task TogetherAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a"), new RowWrite(Insert, 2, 7, "b"), new RowWrite(Delete, 1)).ConfigureAwait(false);
        await run.EventuallyAsync(() => follower.Rows.Count() >= 3, "three rows are told").ConfigureAwait(false);
        var together = follower.Sink.Transactions.Single(one => one.Rows.Count > 0);
        Expect.All(["Insert", "Insert", "Delete"], together.Rows.Select(row => row.Split(' ')[0]), "The rows of the transaction");
    }

    private static async Task RollBackAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.RollBackAsync(new RowWrite(Insert, 1, 7, "never"), new RowWrite(Insert, 2, 7, "never")).ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 3, 7, "a")).ConfigureAwait(false);
        await TellsAsync(run, follower, row => row.StartsWith($"Insert {run.Table} id=3", StringComparison.Ordinal)).ConfigureAwait(false);
        Expect.True(!follower.Rows.Any(row => row.Contains("never", StringComparison.Ordinal)), "nothing of the transaction that was rolled back is told");
    }

    private static async Task OrderAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        for (var id = 1; id <= 50; id++)
        {
            await run.Fixture.CommitAsync(new RowWrite(Insert, id, 7, "a")).ConfigureAwait(false);
        }

        await run.EventuallyAsync(() => follower.Rows.Count() >= 50, "fifty rows are told").ConfigureAwait(false);
        Expect.All(Enumerable.Range(1, 50).Select(id => $"Insert {run.Table} id={id} grp=7 note=a"), follower.Rows, "The rows");
        Expect.True(!follower.Sink.RanBack, "no place is earlier than the one before");
    }

    private static async Task ManyAsync(FeedCaseRun run)
    {
        const int rows = 5_000;
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync([.. Enumerable.Range(1, rows).Select(id => new RowWrite(Insert, id, 7, new string('x', 100)))]).ConfigureAwait(false);
        await run.EventuallyAsync(() => follower.Rows.Count() >= rows, "all rows are told").ConfigureAwait(false);
        Expect.Equal(rows, follower.Sink.Transactions.Single(one => one.Rows.Count > 0).Rows.Count, "The rows of the transaction");
    }

    private static async Task TextAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        string[] notes = ["", "null", "it's \"quoted\"", "tab\tand\nline", "Grüße, 世界, 🦆", "{brace} \\ %"];
        await run.Fixture.CommitAsync([.. notes.Select((note, i) => new RowWrite(Insert, i + 1, 7, note))]).ConfigureAwait(false);
        await run.EventuallyAsync(() => follower.Rows.Count() >= notes.Length, "all rows are told").ConfigureAwait(false);
        Expect.All(notes.Select((note, i) => $"Insert {run.Table} id={i + 1} grp=7 note={note}".TrimEnd()), follower.Rows, "The rows");
    }

    private static async Task VisibleAsync(FeedCaseRun run)
    {
        var follower = await run.FollowingAsync().ConfigureAwait(false);
        await run.Fixture.CommitAsync(new RowWrite(Insert, 1, 7, "a")).ConfigureAwait(false);
        await run.EventuallyAsync(
            () => follower.Sink.Transactions is { Count: > 0 } told && told[^1].Rows.Count > 0 && follower.Sink.VisibleTo is { } visible && visible.CompareTo(told[^1].Commit.Position) >= 0,
            "the transaction is told, and told to be visible").ConfigureAwait(false);
    }

    private static Task TellsAsync(FeedCaseRun run, Follower follower, Func<string, bool> row) =>
        run.EventuallyAsync(() => follower.Rows.Any(row), $"the row is told (told: {string.Join("; ", follower.Rows)})");
}
