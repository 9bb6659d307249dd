using Millpond.Sinks;
using Npgsql;

namespace Millpond.Postgres.Sinks;

/// <summary>Writes batches to a table of a PostgreSQL database: each is one transaction with its ledger, sent in two round trips. Used by one flusher, one call at a time.</summary>
internal sealed class PostgresSink<TKey, TValue>(PostgresSinkOptions options, SinkTable<TKey, TValue> table) : IWriteSink<TKey, TValue>, IAsyncDisposable
    where TKey : notnull
{
    // Classes of SQLSTATE that say of the values, or of what they would break, that no second try takes them: data exceptions, violated constraints, and values that do not fit their column's type.
    private static readonly string[] Refusals = ["22", "23", "44", "42804", "428C9", "54000"];

    private readonly ItemCommands<TKey, TValue> _commands = new(table);
    private readonly NpgsqlDataSource _source = new NpgsqlDataSourceBuilder(options.ConnectionString) { ConnectionStringBuilder = { MaxPoolSize = 2, MaxAutoPrepare = 8, CommandTimeout = (int)options.CommandTimeout.TotalSeconds } }.Build();
    private bool _hasLedger;

    public async ValueTask<long> TakeOverAsync(SinkLead lead, string lane, CancellationToken cancellationToken)
    {
        try
        {
            return await TakeAsync(lead, lane, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException lost) when (HasEnded(lost) && !cancellationToken.IsCancellationRequested)
        {
            // The pool had a connection to a server that has ended since. Whoever heard of it would give the lead back, and others would meet the same.
            _source.Clear();
            return await TakeAsync(lead, lane, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask ApplyAsync(SinkBatch<TKey, TValue> batch, CancellationToken cancellationToken)
    {
        try
        {
            await ApplyAsync(batch, _commands.Many(batch.Items), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException sameRow) when (sameRow.SqlState == PostgresErrorCodes.CardinalityViolation)
        {
            // Two keys that are one row of the table. One statement may not write it twice; two may.
            await ApplyAsync(batch, batch.Items.Select(_commands.One), cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static bool HasEnded(NpgsqlException failure) =>
        failure is PostgresException told ? told.SqlState == PostgresErrorCodes.AdminShutdown : failure.InnerException is not TimeoutException;

    private async ValueTask<long> TakeAsync(SinkLead lead, string lane, CancellationToken cancellationToken)
    {
        if (!_hasLedger)
        {
            await PostgresLedger.MakeAsync(_source, cancellationToken).ConfigureAwait(false);
            _hasLedger = true;
        }

        return await InTransactionAsync(ledger => ledger.TakeOverAsync(lead, lane, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ApplyAsync(SinkBatch<TKey, TValue> batch, IEnumerable<NpgsqlBatchCommand> commands, CancellationToken cancellationToken) => await InTransactionAsync(
        async ledger =>
        {
            await ledger.CheckAsync(batch.Lead, batch.Lane, batch.From, cancellationToken).ConfigureAwait(false);
            var statements = new NpgsqlBatch(ledger.Transaction.Connection!, ledger.Transaction);
            await using (statements.ConfigureAwait(false))
            {
                foreach (var command in commands)
                {
                    statements.BatchCommands.Add(command);
                }

                statements.BatchCommands.Add(PostgresLedger.Write(batch.Lead, batch.Lane, batch.Through));
                await statements.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            return batch.Through;
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<long> InTransactionAsync(Func<PostgresLedger, ValueTask<long>> act, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    var result = await act(new PostgresLedger(transaction)).ConfigureAwait(false);
                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                    return result;
                }
            }
        }
        catch (PostgresException refusal) when (Refusals.Any(refused => refusal.SqlState.StartsWith(refused, StringComparison.Ordinal)))
        {
            throw new SinkException(SinkFailure.Refused, $"PostgreSQL error {refusal.SqlState}: {refusal.MessageText}", refusal);
        }
    }
}
