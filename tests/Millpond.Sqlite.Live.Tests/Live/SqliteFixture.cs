using Millpond.Feeds;
using Millpond.Runtime;
using Millpond.Testing.Conformance;

namespace Millpond.Sqlite.Live.Tests.Live;

/// <summary>A SQLite database as a source under test, in real time.</summary>
internal sealed class SqliteFixture(string journal) : IFeedFixture
{
    private readonly TemporaryDatabase _database = new(journal);

    public string Table => TemporaryDatabase.Table;

    public FeedNeeds Has => FeedNeeds.RollBack | FeedNeeds.History | FeedNeeds.Leadership | FeedNeeds.OldValues | FeedNeeds.SignsOfLife | FeedNeeds.WholeTransactions;

    public IChangeFeed NewFeed() => new SqliteFeed("cases", new SqliteFeedOptions { Path = _database.Path }, ChangeWriter.Triggers, Surroundings.Real);

    public ValueTask CommitAsync(params IReadOnlyList<RowWrite> writes) => Write(writes, "COMMIT");

    public ValueTask RollBackAsync(params IReadOnlyList<RowWrite> writes) => Write(writes, "ROLLBACK");

    public ValueTask BreakAsync()
    {
        _database.DeleteLocks();
        return ValueTask.CompletedTask;
    }

    public ValueTask LoseHistoryAsync()
    {
        _database.Run("DELETE FROM millpond_cases");
        return ValueTask.CompletedTask;
    }

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask Write(IReadOnlyList<RowWrite> writes, string end)
    {
        _database.Run(["BEGIN IMMEDIATE", .. writes.Select(write => write.Kind switch
        {
            RowChangeKind.Insert => $"INSERT INTO {Table} VALUES ({write.Id}, {write.Group}, {Quoted(write.Note)})",
            RowChangeKind.Update => $"UPDATE {Table} SET grp = {write.Group}, note = {Quoted(write.Note)} WHERE id = {write.Id}",
            _ => $"DELETE FROM {Table} WHERE id = {write.Id}",
        }), end]);
        return ValueTask.CompletedTask;
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
