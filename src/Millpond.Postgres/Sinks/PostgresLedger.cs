using Millpond.Sinks;
using Npgsql;

namespace Millpond.Postgres.Sinks;

/// <summary>
/// The ledger of a database, within one transaction: who may write a keyspace, and up to where each of its lanes is applied. The keyspace's own row is locked before anything is read, so whoever takes over waits for a batch under way, and a batch that
/// comes after him reads his token.
/// </summary>
internal sealed class PostgresLedger(NpgsqlTransaction transaction)
{
    private const string Upsert =
        "INSERT INTO millpond_flushed (keyspace, lane, journal, token, position) VALUES ($1, $2, $3, $4, $5) "
        + "ON CONFLICT (keyspace, journal, lane) DO UPDATE SET token = excluded.token, position = excluded.position";

    public NpgsqlTransaction Transaction => transaction;

    public static async ValueTask MakeAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        // Two instances that make it at once meet in the catalog, which IF NOT EXISTS does not prevent; the lock does.
        var command = source.CreateCommand(
            "DO $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('millpond_flushed')); "
            + "CREATE TABLE IF NOT EXISTS millpond_flushed (keyspace text NOT NULL, lane text NOT NULL, journal text NOT NULL, token bigint NOT NULL, position bigint NOT NULL, PRIMARY KEY (keyspace, journal, lane)); END $$");
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public static NpgsqlBatchCommand Write(SinkLead lead, string lane, long position)
    {
        var command = new NpgsqlBatchCommand(Upsert);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = lead.Keyspace });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = lane });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = lead.Journal });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = lead.Token });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        return command;
    }

    public async ValueTask<long> TakeOverAsync(SinkLead lead, string lane, CancellationToken cancellationToken)
    {
        // Makes the row to lock where there is none yet.
        var make = new NpgsqlCommand("INSERT INTO millpond_flushed (keyspace, lane, journal, token, position) VALUES ($1, '', $2, 0, 0) ON CONFLICT DO NOTHING", transaction.Connection, transaction);
        await using (make.ConfigureAwait(false))
        {
            make.Parameters.Add(new NpgsqlParameter<string> { TypedValue = lead.Keyspace });
            make.Parameters.Add(new NpgsqlParameter<string> { TypedValue = lead.Journal });
            await make.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        var (main, own) = await ReadAsync(lead, lane, cancellationToken).ConfigureAwait(false);
        if (main.Token > lead.Token)
        {
            throw Fenced(lead, main.Token);
        }

        var batch = new NpgsqlBatch(transaction.Connection!, transaction);
        await using (batch.ConfigureAwait(false))
        {
            batch.BatchCommands.Add(Write(lead, "", main.Position));
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        return own.Position;
    }

    /// <summary>Throws unless this lead may write, and the lane stands where the batch begins.</summary>
    public async ValueTask CheckAsync(SinkLead lead, string lane, long from, CancellationToken cancellationToken)
    {
        var (main, own) = await ReadAsync(lead, lane, cancellationToken).ConfigureAwait(false);
        if (main.Token != lead.Token)
        {
            throw Fenced(lead, main.Token);
        }

        if (own.Position != from)
        {
            throw new SinkException(SinkFailure.Fenced, $"the ledger of '{lead.Keyspace}' stands at {own.Position}, and the batch begins at {from}");
        }
    }

    private static SinkException Fenced(SinkLead lead, long token) =>
        new(SinkFailure.Fenced, $"'{lead.Keyspace}' is flushed under token {token} now, and this batch has token {lead.Token}");

    /// <summary>The journal's own row of the keyspace, locked, and the lane's, in one round trip; zeros where there is none.</summary>
    private async ValueTask<((long Token, long Position) Main, (long Token, long Position) Lane)> ReadAsync(SinkLead lead, string lane, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("SELECT lane, token, position FROM millpond_flushed WHERE keyspace = $1 AND journal = $2 AND lane IN ('', $3) ORDER BY lane FOR UPDATE", transaction.Connection, transaction);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = lead.Keyspace });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = lead.Journal });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = lane });
            var (main, own) = ((0L, 0L), (0L, 0L));
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    var (name, row) = (reader.GetString(0), (reader.GetInt64(1), reader.GetInt64(2)));
                    main = name.Length == 0 ? row : main;
                    own = name == lane ? row : own;
                }
            }

            return (main, own);
        }
    }
}
