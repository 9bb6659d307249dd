using Millpond.Engines.Live;
using Millpond.Feeds;
using Millpond.Postgres.Outboxes;
using Millpond.Runtime;
using Millpond.Testing.Conformance;
using Npgsql;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>An outbox in a PostgreSQL server as a source under test, in real time; every case with a table of its own.</summary>
internal sealed class OutboxFixture(PostgresServer server) : IFeedFixture
{
    private static int _tables;

    private readonly PostgresOutbox _outbox = new("cases", $"outbox_{Interlocked.Increment(ref _tables)}");
    private Dictionary<int, RowValues> _rows = [];

    public string Table => Database.Table;

    public FeedNeeds Has => FeedNeeds.RollBack | FeedNeeds.Truncate | FeedNeeds.History | FeedNeeds.Leadership | FeedNeeds.OldValues | FeedNeeds.SignsOfLife | FeedNeeds.WholeTransactions;

    public IChangeFeed NewFeed() => new PostgresOutboxFeed(_outbox, new PostgresOutboxOptions { ConnectionString = server.ConnectionString }, Surroundings.Real);

    public async ValueTask CommitAsync(params IReadOnlyList<RowWrite> writes) => await WriteAsync(writes, commits: true);

    public async ValueTask RollBackAsync(params IReadOnlyList<RowWrite> writes) => await WriteAsync(writes, commits: false);

    public async ValueTask BreakAsync() => await Database.RunAsync(server, "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and pid <> pg_backend_pid()");

    public async ValueTask LoseHistoryAsync() => await Database.RunAsync(server, $"truncate {_outbox.Table}");

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public async ValueTask DisposeAsync() => await Database.RunAsync(server, $"drop table if exists {_outbox.Table}, {_outbox.Table}_state");

    private async Task WriteAsync(IReadOnlyList<RowWrite> writes, bool commits)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var rows = _rows.ToDictionary();
        await _outbox.AddAsync(transaction, [.. writes.Select(write => write.ChangeIn(Table, rows))]);
        await (commits ? transaction.CommitAsync() : transaction.RollbackAsync());
        _rows = commits ? rows : _rows;
    }
}
