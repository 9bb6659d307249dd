using Microsoft.Data.Sqlite;
using Millpond.Sinks;

namespace Millpond.Sqlite.Sinks;

/// <summary>Writes batches to a table of a SQLite database, each in one transaction with its ledger. Used by one flusher, one call at a time.</summary>
internal sealed class SqliteSink<TKey, TValue>(SqliteSinkOptions options, SinkTable<TKey, TValue> table) : IWriteSink<TKey, TValue>, IDisposable
    where TKey : notnull
{
    // Result codes that say of the values, or of what they would break, that no second try takes them: too big, constraint, mismatch, out of range.
    private static readonly int[] Refusals = [18, 19, 20, 25];

    private readonly TableSql _sql = new(table.Name, [.. table.KeyColumns.Select(column => column.Name)], [.. table.ValueColumns.Select(column => column.Name)], table.CountColumn, i => $"@p{i}");
    private SqliteConnection? _connection;

    public ValueTask<long> TakeOverAsync(SinkLead lead, string lane, CancellationToken cancellationToken) => new(InTransaction(ledger => ledger.TakeOver(lead, lane)));

    public ValueTask ApplyAsync(SinkBatch<TKey, TValue> batch, CancellationToken cancellationToken)
    {
        InTransaction(ledger =>
        {
            ledger.Advance(batch.Lead, batch.Lane, batch.From, batch.Through);
            using var statements = new TableStatements<TKey, TValue>(ledger.Transaction, _sql, table);
            foreach (var item in batch.Items)
            {
                cancellationToken.ThrowIfCancellationRequested();
                statements.Apply(item);
            }

            return batch.Through;
        });
        return default;
    }

    public void Dispose() => _connection?.Dispose();

    private long InTransaction(Func<SqliteLedger, long> act)
    {
        try
        {
            var connection = _connection ??= Open();
            using var transaction = connection.BeginTransaction(deferred: false);
            var result = act(new SqliteLedger(transaction));
            transaction.Commit();
            return result;
        }
        catch (SqliteException refusal) when (Refusals.Contains(refusal.SqliteErrorCode))
        {
            throw new SinkException(SinkFailure.Refused, $"SQLite error {refusal.SqliteErrorCode}: {refusal.Message}", refusal);
        }
        catch (SqliteException)
        {
            // Whatever it was, the next attempt begins with a connection that nothing is open on.
            _connection?.Dispose();
            _connection = null;
            throw;
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = options.Path, Mode = SqliteOpenMode.ReadWrite, Cache = SqliteCacheMode.Private, Pooling = false, DefaultTimeout = options.BusySeconds }.ToString());
        try
        {
            connection.Open();
            SqliteLedger.Make(connection);
            return connection;
        }
        catch (Exception)
        {
            connection.Dispose();
            throw;
        }
    }
}
