using Millpond.Engines.Live;
using Millpond.Feeds;
using Millpond.Runtime;
using Millpond.Testing.Conformance;
using Npgsql;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>A PostgreSQL server as a source under test, in real time; every case with a slot of its own.</summary>
internal sealed class PostgresFixture(PostgresServer server) : IFeedFixture
{
    private static int _slots;

    private readonly PostgresFeedOptions _options = new() { ConnectionString = server.ConnectionString, Slot = $"case_{Interlocked.Increment(ref _slots)}", Publication = "cases" };

    public string Table => Database.Table;

    public FeedNeeds Has => FeedNeeds.RollBack | FeedNeeds.Truncate | FeedNeeds.History | FeedNeeds.Leadership | FeedNeeds.OldValues | FeedNeeds.SignsOfLife | FeedNeeds.WholeTransactions;

    public IChangeFeed NewFeed() => new PostgresFeed("cases", _options, Surroundings.Real);

    public async ValueTask CommitAsync(params IReadOnlyList<RowWrite> writes) => await WriteAsync(writes, commits: true);

    public async ValueTask RollBackAsync(params IReadOnlyList<RowWrite> writes) => await WriteAsync(writes, commits: false);

    public async ValueTask BreakAsync() =>
        await Database.RunAsync(server, $"select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '{_options.Slot}' and active");

    public async ValueTask LoseHistoryAsync() => await DropSlotAsync();

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public async ValueTask DisposeAsync()
    {
        await DropSlotAsync();
        await Database.RunAsync(server, $"truncate {Table}");
    }

    private async Task DropSlotAsync()
    {
        for (var attempt = 0; await Database.AskAsync<bool>(server, $"select exists(select from pg_replication_slots where slot_name = '{_options.Slot}')"); attempt++)
        {
            try
            {
                await Database.RunAsync(server, $"select pg_drop_replication_slot('{_options.Slot}')");
            }
            catch (PostgresException stillInUse) when (stillInUse.SqlState == "55006" && attempt < 100)
            {
                await Task.Delay(50);
            }
        }
    }

    private async Task WriteAsync(IReadOnlyList<RowWrite> writes, bool commits)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var write in writes)
        {
            var sql = write.Kind switch
            {
                RowChangeKind.Insert => $"insert into {Table} values ($1, $2, $3)",
                RowChangeKind.Update => $"update {Table} set grp = $2, note = $3 where id = $1",
                RowChangeKind.Delete => $"delete from {Table} where id = $1 and $2 = $2 and $3 = $3",
                _ => $"truncate {Table}",
            };
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            if (write.Kind != RowChangeKind.Truncate)
            {
                command.Parameters.AddRange(new NpgsqlParameter[] { new() { Value = write.Id }, new() { Value = write.Group }, new() { Value = write.Note } });
            }

            await command.ExecuteNonQueryAsync();
        }

        await (commits ? transaction.CommitAsync() : transaction.RollbackAsync());
    }
}
