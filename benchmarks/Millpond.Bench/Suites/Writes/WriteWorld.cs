using Microsoft.Extensions.DependencyInjection;
using Millpond.Engines.Live;
using Millpond.Sinks;
using Npgsql;

namespace Millpond.Bench.Suites.Writes;

/// <summary>A PostgreSQL and a Redis that keep what they acknowledge on disk, a folder, and caches that write behind. <c>fsync</c> is on everywhere.</summary>
internal sealed class WriteWorld : IAsyncDisposable
{
    public const string Upsert = "insert into things (id, note) values ($1, $2) on conflict (id) do update set note = excluded.note";

    private readonly string _folder = Directory.CreateTempSubdirectory("millpond-bench-").FullName;
    private int _folders;

    public PostgresServer Database { get; private init; } = null!;

    public RedisServer Redis { get; private init; } = null!;

    public NpgsqlDataSource Source { get; private init; } = null!;

    public static async Task<WriteWorld> StartAsync()
    {
        var database = await PostgresServer.StartAsync("fsync=on", "max_connections=200", "max_wal_size=4GB", "checkpoint_timeout=30min");
        return new WriteWorld
        {
            Database = database,
            Redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always"),
            Source = NpgsqlDataSource.Create(database.ConnectionString + ";Maximum Pool Size=150"),
        };
    }

    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, $"{_folders++}")).FullName;

    /// <summary>Makes the tables anew.</summary>
    public async Task AnewAsync()
    {
        await RunAsync("drop table if exists things, views, millpond_flushed");
        await RunAsync("create table things (id int primary key, note text not null)");
        await RunAsync("create table views (id int primary key, seen bigint not null)");
        await RunAsync("checkpoint");
    }

    public async Task RunAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A keyspace of notes that is written behind a journal.</summary>
    public static ServiceProvider Notes(Func<IServiceProvider, Journals.IWriteJournal> journal, Func<IServiceProvider, IWriteSink<int, string>> sink) => new ServiceCollection()
        .AddMillpond(m => m.AddKeyspace<int, string>("notes", k => k.TimeToLive(TimeSpan.FromHours(1)).Load((_, _) => new ValueTask<string?>("")).WriteBehind(journal, sink, Roomy)))
        .BuildServiceProvider();

    public Func<IServiceProvider, IWriteSink<int, string>> NoteTable() =>
        Postgres.PostgresSinks.Table(Database.ConnectionString, new SinkTable<int, string>("things").Key("id", id => id).Column("note", note => note));

    /// <summary>Room for whatever comes: what is measured is not how writers are held back.</summary>
    public static void Roomy(WriteBehindOptions options) => (options.PendingRecordsMax, options.PendingBytesMax, options.LagAlarm) = (100_000_000, 8L << 30, TimeSpan.FromHours(1));

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await Redis.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
