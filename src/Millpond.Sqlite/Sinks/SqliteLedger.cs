using Microsoft.Data.Sqlite;
using Millpond.Sinks;

namespace Millpond.Sqlite.Sinks;

/// <summary>
/// The ledger of a database, within one transaction: who may write a keyspace from a journal, and up to where each of its lanes is applied. Each journal has rows of its own, so several processes with a journal each may count into one table. SQLite lets one transaction write at a time, and this one began as a writer, so what it reads stays true until it commits.
/// </summary>
internal sealed class SqliteLedger(SqliteTransaction transaction)
{
    public SqliteTransaction Transaction => transaction;

    public static void Make(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE IF NOT EXISTS millpond_flushed (keyspace TEXT NOT NULL, lane TEXT NOT NULL, journal TEXT NOT NULL, token INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (keyspace, journal, lane)) WITHOUT ROWID";
        command.ExecuteNonQuery();
    }

    public long TakeOver(SinkLead lead, string lane)
    {
        var main = Read(lead, "");
        if (main.Token > lead.Token)
        {
            throw Fenced(lead, main.Token);
        }

        Write(lead, "", main.Position);
        return lane.Length == 0 ? main.Position : Read(lead, lane).Position;
    }

    public void Advance(SinkLead lead, string lane, long from, long through)
    {
        var main = Read(lead, "");
        if (main.Token != lead.Token)
        {
            throw Fenced(lead, main.Token);
        }

        var applied = lane.Length == 0 ? main.Position : Read(lead, lane).Position;
        if (applied != from)
        {
            throw new SinkException(SinkFailure.Fenced, $"the ledger of '{lead.Keyspace}' stands at {applied}, and the batch begins at {from}");
        }

        Write(lead, lane, through);
    }

    private static SinkException Fenced(SinkLead lead, long token) =>
        new(SinkFailure.Fenced, $"'{lead.Keyspace}' is flushed under token {token} now, and this batch has token {lead.Token}");

    /// <summary>A row of this journal; zeros where there is none.</summary>
    private (long Token, long Position) Read(SinkLead lead, string lane)
    {
        using var command = Command("SELECT token, position FROM millpond_flushed WHERE keyspace = @keyspace AND journal = @journal AND lane = @lane", lead, lane);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : default;
    }

    private void Write(SinkLead lead, string lane, long position)
    {
        using var command = Command(
            "INSERT INTO millpond_flushed (keyspace, lane, journal, token, position) VALUES (@keyspace, @lane, @journal, @token, @position) "
            + "ON CONFLICT (keyspace, journal, lane) DO UPDATE SET token = excluded.token, position = excluded.position", lead, lane);
        command.Parameters.AddWithValue("@token", lead.Token);
        command.Parameters.AddWithValue("@position", position);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string text, SinkLead lead, string lane)
    {
        var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = text;
        command.Parameters.AddWithValue("@keyspace", lead.Keyspace);
        command.Parameters.AddWithValue("@journal", lead.Journal);
        command.Parameters.AddWithValue("@lane", lane);
        return command;
    }
}
