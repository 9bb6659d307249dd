using System.Data.Common;
using Microsoft.Data.Sqlite;
using Millpond.Engines.Live;
using Npgsql;

namespace Millpond.Chaos.Live.Behind;

/// <summary>The servers and files of a campaign: where the journals are, and the database that is written.</summary>
internal sealed class BehindStores : IAsyncDisposable
{
    private const string Tables =
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, note INTEGER NOT NULL); CREATE TABLE drafts (id INTEGER PRIMARY KEY, note INTEGER NOT NULL); CREATE TABLE views (id INTEGER PRIMARY KEY, hits BIGINT NOT NULL);";

    // An advisory lock that every commit takes, shared.
    private const int CommitLock = 4711;

    private readonly string _folder = Directory.CreateTempSubdirectory("millpond-behind-").FullName;

    private BehindStores()
    {
    }

    public RedisServer? Redis { get; private set; }

    public PostgresServer? Postgres { get; private set; }

    /// <summary>What a writer of this number is told of its journals.</summary>
    public required Func<int, string> JournalOf { get; init; }

    /// <summary>What writers are told of the database.</summary>
    public string Database { get; private set; } = "";

    public static async Task<BehindStores> StartAsync(BehindOptions options)
    {
        SQLitePCL.Batteries_V2.Init();
        BehindStores? made = null;
        var stores = made = new BehindStores
        {
            JournalOf = number => options.Journal switch
            {
                "files" => $"files:{Path.Combine(made!._folder, $"writer-{number}")}",
                "redis" => $"redis:{made!.Redis!.Address}",
                _ => $"postgres:{made!.Postgres!.ConnectionString}",
            },
        };
        if (options.Journal == "redis")
        {
            stores.Redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        }

        if (options.Journal == "postgres" || options.Database == "postgres")
        {
            stores.Postgres = await PostgresServer.StartAsync("fsync=on");
        }

        stores.Database = options.Database == "sqlite" ? $"sqlite:{Path.Combine(stores._folder, "source.db")}" : $"postgres:{stores.Postgres!.ConnectionString}";
        await stores.PrepareAsync();
        return stores;
    }

    /// <summary>Holds up every flush in the middle of its batch.</summary>
    public Task LockAsync(Func<Task> meanwhile) => HoldAsync("BEGIN; LOCK TABLE notes, drafts, views IN ACCESS EXCLUSIVE MODE", "ROLLBACK", meanwhile);

    /// <summary>Holds up every flush in the middle of its commit, which comes about when it is let go, even if nobody is left who asked for it. SQLite has no such middle: there it is held up before.</summary>
    public Task HoldCommitsAsync(Func<Task> meanwhile) => HoldAsync($"SELECT pg_advisory_lock({CommitLock})", $"SELECT pg_advisory_unlock({CommitLock})", meanwhile);

    public async Task<WrittenRows> ReadAsync()
    {
        var connection = Connect();
        await using var closed = connection;
        await connection.OpenAsync();
        var history = await ReadAsync(connection, "SELECT what, id, note FROM told ORDER BY at", row => (row.GetString(0), row.GetInt32(1), row.GetInt32(2)));
        var rows = await ReadAsync(connection, "SELECT 'notes', id, note FROM notes UNION ALL SELECT 'drafts', id, note FROM drafts", row => (What: row.GetString(0), Key: row.GetInt32(1), Note: row.GetInt32(2)));
        var sums = await ReadAsync(connection, "SELECT id, hits FROM views", row => (Key: row.GetInt32(0), Hits: row.GetInt64(1)));
        return new(history, rows.ToDictionary(row => (row.What, row.Key), row => row.Note), sums.ToDictionary(row => row.Key, row => row.Hits));
    }

    public async ValueTask DisposeAsync()
    {
        if (Redis is { } redis)
        {
            await redis.DisposeAsync();
        }

        if (Postgres is { } postgres)
        {
            NpgsqlConnection.ClearAllPools();
            await postgres.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task HoldAsync(string hold, string letGo, Func<Task> meanwhile)
    {
        var connection = Connect();
        await using var closed = connection;
        await connection.OpenAsync();
        await RunAsync(connection, connection is SqliteConnection ? "BEGIN IMMEDIATE" : hold);
        await meanwhile();
        await RunAsync(connection, connection is SqliteConnection ? "ROLLBACK" : letGo);
    }

    private async Task PrepareAsync()
    {
        var connection = Connect();
        await using var closed = connection;
        await connection.OpenAsync();
        if (connection is SqliteConnection)
        {
            await RunAsync(connection, "PRAGMA journal_mode = wal");
            await RunAsync(connection, Tables + "CREATE TABLE told (at INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL, id INTEGER NOT NULL, note INTEGER NOT NULL)");
            foreach (var table in (string[])["notes", "drafts"])
            {
                foreach (var change in (string[])["INSERT", "UPDATE"])
                {
                    await RunAsync(connection, $"CREATE TRIGGER {table}_{change} AFTER {change} ON {table} BEGIN INSERT INTO told (what, id, note) VALUES ('{table}', new.id, new.note); END");
                }
            }

            return;
        }

        await RunAsync(connection, Tables
            + "CREATE TABLE told (at BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what TEXT NOT NULL, id INTEGER NOT NULL, note INTEGER NOT NULL);"
            + "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO told (what, id, note) VALUES (tg_table_name, new.id, new.note); RETURN NULL; END $$;"
            + "CREATE TRIGGER told AFTER INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION tell(); CREATE TRIGGER told AFTER INSERT OR UPDATE ON drafts FOR EACH ROW EXECUTE FUNCTION tell();"
            + $"CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared({CommitLock}); RETURN NULL; END $$;"
            + string.Concat(((string[])["notes", "drafts", "views"]).Select(table => $"CREATE CONSTRAINT TRIGGER pass AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pass();")));
    }

    private DbConnection Connect() => Database.Split(':', 2) is ["sqlite", var path]
        ? new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString())
        : new NpgsqlConnection(Database.Split(':', 2)[1] + ";Pooling=false");

    private static async Task RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<T>> ReadAsync<T>(DbConnection connection, string sql, Func<DbDataReader, T> row)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(row(reader));
        }

        return rows;
    }
}
