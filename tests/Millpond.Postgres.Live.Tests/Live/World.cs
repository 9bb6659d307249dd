using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Engines.Live;
using Npgsql;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>A database with rows, a shared tier, and processes that load from the one and share the other: caches in this process, each with connections of its own, and relays in processes of theirs.</summary>
internal sealed class World : IAsyncDisposable
{
    private static readonly FeedListener Said = new();
    private static int _worlds;

    private readonly List<ServiceProvider> _providers = [];
    private readonly List<IKeyspace<int, string>> _caches = [];
    private readonly List<IAsyncDisposable> _engines = [];
    private NpgsqlDataSource _loads = null!;

    public PostgresServer Database { get; private set; } = null!;

    public RedisServer Redis { get; private set; } = null!;

    /// <summary>What the shared tier is reached by; several nodes after <see cref="ShareAsync"/>.</summary>
    public string SharedTier { get; private set; } = "";

    /// <summary>How many rows there are, numbered from 1.</summary>
    public int Rows { get; private set; } = 50;

    /// <summary>How many keys a second each cache that reads has its auditor compare.</summary>
    public double ChecksPerSecond { get; set; }

    public string Slot { get; } = $"live_{Interlocked.Increment(ref _worlds)}";

    /// <summary>Through which changes are told; null where the log is followed.</summary>
    public PostgresOutbox? Outbox { get; private set; }

    /// <summary>How long a load takes after it has read its row.</summary>
    public TimeSpan LoadTime { get; set; }

    public IReadOnlyList<IKeyspace<int, string>> Caches => _caches;

    public IReadOnlyList<ServiceProvider> Providers => _providers;

    /// <summary>Where to write and load; another server after a failover.</summary>
    public string ConnectionString { get; set; } = "";

    public static async Task<World> StartAsync(params string[] settings)
    {
        var world = new World { Database = await PostgresServer.StartAsync(settings), Redis = await RedisServer.StartAsync() };
        world._engines.AddRange([world.Database, world.Redis]);
        world.ConnectionString = world.Database.ConnectionString;
        await Live.Database.RunAsync(world.Database, "create table public.things (id int primary key, version bigint not null)", $"insert into things select i, 0 from generate_series(1, {world.Rows}) i");
        world.SharedTier = world.Redis.Address;
        world._loads = NpgsqlDataSource.Create(world.ConnectionString + ";Maximum Pool Size=40");
        return world;
    }

    /// <summary>The same, with an outbox.</summary>
    public static async Task<World> StartWithOutboxAsync(params string[] settings)
    {
        var world = await StartAsync(settings);
        world.Outbox = new PostgresOutbox("live", world.Slot);
        await Live.Database.RunAsync(world.Database, world.Outbox.CreateScript);
        return world;
    }

    /// <summary>Has the caches that are added from here on share a primary and its replica, watched by sentinels.</summary>
    public async Task<SentinelSet> ShareAsync()
    {
        var set = await SentinelSet.StartAsync();
        await set.SettledAsync();
        _engines.Add(set);
        SharedTier = set.Configuration;
        return set;
    }

    public async Task GrowAsync(int rows)
    {
        await Live.Database.RunAsync(Database, $"insert into things select i, 0 from generate_series({Rows + 1}, {rows}) i");
        Rows = rows;
    }

    public async Task<PostgresServer> AddStandbyAsync(string name, params string[] settings)
    {
        var standby = await Database.AddStandbyAsync(name, settings);
        _engines.Add(standby);
        return standby;
    }

    /// <summary>A cache that reads, and follows if asked to.</summary>
    public async Task<IKeyspace<int, string>> AddAsync(bool follows = false, string? database = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<Events.CacheListener>(Said);
        services.AddMillpond(m =>
        {
            m.UseRedis(SharedTier).Configure(options => options.Audit.ChecksPerSecond = ChecksPerSecond);
            if (follows && Outbox is not null)
            {
                m.AddPostgresOutbox("live", Database.ConnectionString, options => options with { Table = Slot });
            }
            else if (follows)
            {
                m.AddPostgresFeed("live", database ?? Database.ConnectionString, options => options with { Slot = Slot, Publication = Slot });
            }

            m.AddKeyspace<int, string>("thing", k =>
            {
                k.Policy(p => (p.TimeToLive, p.Jitter) = (TimeSpan.FromHours(1), 0)).Load(LoadAsync);
                _ = follows ? k.ChangedBy("public.things", "id") : k;
            });
        });
        var provider = services.BuildServiceProvider();
        _providers.Add(provider);
        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            await hosted.StartAsync(default);
        }

        var cache = provider.GetRequiredService<IKeyspace<int, string>>();
        _caches.Add(cache);
        if (follows)
        {
            await UntilAsync(() => FeedOf(provider) is { State: Feeds.FeedState.Following, Lag: not null }, "the cache follows");
        }

        return cache;
    }

    public static FeedStatistics FeedOf(ServiceProvider provider) => provider.GetRequiredService<ICache>().Statistics().Feeds[0];

    /// <summary>The keys of which some cache serves what is not in the database: I1.</summary>
    public async Task<List<string>> StaleAsync()
    {
        Dictionary<int, string> truth = [];
        await using var command = _loads.CreateCommand("select id, version::text from public.things");
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                truth[reader.GetInt32(0)] = reader.GetString(1);
            }
        }

        List<string> stale = [];
        for (var i = 0; i < Caches.Count; i++)
        {
            foreach (var some in truth.Chunk(50))
            {
                var read = await Task.WhenAll(some.Select(row => Caches[i].GetAsync(row.Key).AsTask()));
                stale.AddRange(some.Zip(read).Where(one => one.First.Value != one.Second).Select(one => $"cache {i} has {one.Second} for {one.First.Key}, which is {one.First.Value}"));
            }
        }

        return stale;
    }

    /// <summary>Waits until nothing is stale, and says how long that took; at the end of patience, what is.</summary>
    public async Task<TimeSpan> QuietAsync(TimeSpan patience)
    {
        var began = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var stale = await TryStaleAsync();
            if (stale.Count == 0)
            {
                return began.Elapsed;
            }

            Assert.True(began.Elapsed < patience, $"{stale.Count} stale after {began.Elapsed}: {string.Join("; ", stale.Take(5))}");
            await Task.Delay(20);
        }
    }

    /// <summary>Connections from before a crash are found broken one by one.</summary>
    private async Task<List<string>> TryStaleAsync()
    {
        try
        {
            return await StaleAsync();
        }
        catch (Exception broken) when (broken is NpgsqlException or MillpondException)
        {
            return [broken.Message];
        }
    }

    public static async Task UntilAsync(Func<bool> holds, string what, int seconds = 30)
    {
        for (var i = 0; i < seconds * 50 && !holds(); i++)
        {
            await Task.Delay(20);
        }

        Assert.True(holds(), $"within {seconds} seconds: {what}; heard: {string.Join("; ", Said.All.TakeLast(5)).Split("\n   at")[0]}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }

        await _loads.DisposeAsync();
        foreach (var engine in Enumerable.Reverse(_engines))
        {
            await engine.DisposeAsync();
        }
    }

    public void LoadFrom(string connectionString)
    {
        ConnectionString = connectionString;
        _loads = NpgsqlDataSource.Create(connectionString + ";Maximum Pool Size=40");
    }

    private async ValueTask<string?> LoadAsync(int id, CancellationToken token)
    {
        await using var command = _loads.CreateCommand("select version::text from public.things where id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        var version = (string?)await command.ExecuteScalarAsync(token);
        if (LoadTime > TimeSpan.Zero)
        {
            await Task.Delay(LoadTime * Random.Shared.NextDouble(), token);
        }

        return version;
    }
}
