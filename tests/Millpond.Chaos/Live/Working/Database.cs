using Microsoft.Data.Sqlite;
using Millpond.Chaos.Live.Histories;

namespace Millpond.Chaos.Live.Working;

/// <summary>
/// The system of record: one SQLite file in WAL mode, shared by all processes. A row's version is set in the committing transaction, which also writes down that it was, so that the
/// oracles know every commit, also those whose writer died before it could say so.
/// </summary>
internal sealed class Database : IDisposable
{
    private const string Schema = """
        CREATE TABLE rows (key INTEGER PRIMARY KEY, version INTEGER NOT NULL, present INTEGER NOT NULL, text TEXT NOT NULL);
        CREATE TABLE commits (key INTEGER NOT NULL, version INTEGER NOT NULL, present INTEGER NOT NULL, stamp INTEGER NOT NULL, PRIMARY KEY (key, version)) WITHOUT ROWID;
        """;

    private readonly SqliteConnection _connection;
    private readonly Lock _gate = new();

    public Database(string path)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();

        // A killed process loses nothing that way; only a machine that loses its power would.
        Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 20000");
    }

    public static void Create(string path)
    {
        using var database = new Database(path);
        database.Run(Schema);
        database.Run("BEGIN");
        for (var key = 0; key <= Pond.HerdKey; key++)
        {
            database.Run("INSERT INTO rows VALUES ($0, 1, 1, 'as it began'); INSERT INTO commits VALUES ($0, 1, 1, 0)", key);
        }

        database.Run("COMMIT");
    }

    public Row? Find(int key)
    {
        lock (_gate)
        {
            using var command = Command("SELECT version, present, text FROM rows WHERE key = $0", key);
            using var reader = command.ExecuteReader();
            return reader.Read() && reader.GetInt64(1) != 0 ? new Row(key, reader.GetInt64(0), reader.GetString(2)) : null;
        }
    }

    /// <summary>Commits a row's next version, or its absence; also says whether there was a row before.</summary>
    public (long Version, bool WasPresent) Commit(int key, bool present, string text)
    {
        lock (_gate)
        {
            Run("BEGIN IMMEDIATE");
            try
            {
                using var before = Command("SELECT present FROM rows WHERE key = $0", key);
                var wasPresent = (long)before.ExecuteScalar()! != 0;
                using var command = Command("UPDATE rows SET version = version + 1, present = $1, text = $2 WHERE key = $0 RETURNING version", key, present ? 1 : 0, text);
                var version = (long)command.ExecuteScalar()!;
                Run("INSERT INTO commits VALUES ($0, $1, $2, $3)", key, version, present ? 1 : 0, Entry.Now);
                Run("COMMIT");
                return (version, wasPresent);
            }
            catch
            {
                Run("ROLLBACK");
                throw;
            }
        }
    }

    /// <summary>Every commit there was, in the order of keys and versions.</summary>
    public IEnumerable<(int Key, long Version, bool Present, long Stamp)> Commits()
    {
        using var command = Command("SELECT key, version, present, stamp FROM commits ORDER BY key, version");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2) != 0, reader.GetInt64(3));
        }
    }

    /// <summary>How many commits there were after the beginning.</summary>
    public long CountCommits()
    {
        using var command = Command("SELECT count(*) FROM commits WHERE version > 1");
        return (long)command.ExecuteScalar()!;
    }

    public void Dispose() => _connection.Dispose();

    private void Run(string sql, params object[] values)
    {
        using var command = Command(sql, values);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params object[] values)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // All of it is written above.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i}", values[i]);
        }

        return command;
    }
}
