using Millpond.Feeds;
using Millpond.Runtime;
using Millpond.Testing.Conformance;

namespace Millpond.Sqlite.Live.Tests.Live;

/// <summary>An outbox in a SQLite database as a source under test, in real time.</summary>
internal sealed class OutboxFixture : IFeedFixture
{
    private readonly TemporaryDatabase _database = new();
    private readonly SqliteOutbox _outbox = new("cases");
    private Dictionary<int, RowValues> _rows = [];

    public string Table => TemporaryDatabase.Table;

    public FeedNeeds Has => FeedNeeds.RollBack | FeedNeeds.Truncate | FeedNeeds.History | FeedNeeds.Leadership | FeedNeeds.OldValues | FeedNeeds.SignsOfLife | FeedNeeds.WholeTransactions;

    public IChangeFeed NewFeed() => new SqliteFeed("cases", new SqliteFeedOptions { Path = _database.Path }, ChangeWriter.Outbox, Surroundings.Real);

    public async ValueTask CommitAsync(params IReadOnlyList<RowWrite> writes) => await WriteAsync(writes, commits: true);

    public async ValueTask RollBackAsync(params IReadOnlyList<RowWrite> writes) => await WriteAsync(writes, commits: false);

    public ValueTask BreakAsync()
    {
        _database.DeleteLocks();
        return ValueTask.CompletedTask;
    }

    public ValueTask LoseHistoryAsync()
    {
        _database.Run($"DELETE FROM {_outbox.Table}");
        return ValueTask.CompletedTask;
    }

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WriteAsync(IReadOnlyList<RowWrite> writes, bool commits)
    {
        await using var connection = _database.Open();
        await using var transaction = await connection.BeginTransactionAsync();
        var rows = _rows.ToDictionary();
        await _outbox.AddAsync(transaction, [.. writes.Select(write => write.ChangeIn(Table, rows))]);
        await (commits ? transaction.CommitAsync() : transaction.RollbackAsync());
        _rows = commits ? rows : _rows;
    }
}
