using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Engines.Live;
using Npgsql;

namespace Millpond.Postgres.Live.Tests.Live.Regions;

/// <summary>Two regions, each with a PostgreSQL cluster, a Redis and processes of its own; the far cluster subscribes to the home one.</summary>
public sealed class RegionPair : IAsyncLifetime
{
    public const int Rows = 20;

    private const string Beacons = "create table public.millpond_beacons (region text primary key, run text not null, number bigint not null, system bigint not null, timeline bigint not null, place pg_lsn not null)";
    private static readonly FeedListener Said = new();

    private readonly List<ServiceProvider> _providers = [];
    private readonly List<NpgsqlDataSource> _pools = [];

    public PostgresServer Home { get; private set; } = null!;

    public PostgresServer Far { get; private set; } = null!;

    public RedisServer HomeRedis { get; private set; } = null!;

    public RedisServer FarRedis { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var (home, far) = (PostgresServer.StartAsync(), PostgresServer.StartAsync());
        (Home, Far) = (await home, await far);
        (HomeRedis, FarRedis) = (await RedisServer.StartAsync(), await RedisServer.StartAsync());
        const string things = "create table public.things (id int primary key, version bigint not null)";
        await Database.RunAsync(Home, things, Beacons, $"insert into things select i, 0 from generate_series(1, {Rows}) i", "create publication regions for table public.things, public.millpond_beacons");
        await Database.RunAsync(Far, things, Beacons, $"create subscription home connection 'host=127.0.0.1 port={Home.Port} user=millpond dbname=postgres sslmode=disable gssencmode=disable' publication regions with (synchronous_commit = local)");
        await UntilAsync(async () => await Database.AskAsync<long>(Far, "select count(*) from pg_subscription_rel where srsubstate = 'r'") == 2, "the replica has the rows");
    }

    /// <summary>A process of a region, of <see cref="Home"/> or <see cref="Far"/>.</summary>
    public async Task<IKeyspace<int, string>> AddAsync(PostgresServer region)
    {
        var services = new ServiceCollection();
        services.AddSingleton<Events.CacheListener>(Said);
        var (here, home) = (PoolOf(region), PoolOf(Home));
        services.AddMillpond(m => m
            .UseRedis(region == Home ? HomeRedis.Address : FarRedis.Address)
            .AddPostgresFeed("live", region.ConnectionString, options => region == Home ? options : options with { Home = Home.ConnectionString, CutOffAfter = TimeSpan.FromSeconds(2) })
            .AddKeyspace<int, string>("thing", k => k
                .Policy(p => (p.TimeToLive, p.Jitter) = (TimeSpan.FromHours(1), 0))
                .Load((id, token) => LoadAsync(here, id, token))
                .LoadFromHome((id, token) => LoadAsync(home, id, token))
                .ChangedBy("public.things", "id")));
        var provider = services.BuildServiceProvider();
        _providers.Add(provider);
        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            await hosted.StartAsync(default);
        }

        await UntilAsync(() => new(FeedOf(provider) is { State: Feeds.FeedState.Following, Lag: not null } or { State: Feeds.FeedState.Standby }), "the region is followed");
        return provider.GetRequiredService<IKeyspace<int, string>>();
    }

    public FeedStatistics LastFeed => FeedOf(_providers[^1]);

    public static async Task UntilAsync(Func<ValueTask<bool>> holds, string what, int seconds = 60)
    {
        for (var i = 0; i < seconds * 50 && !await holds(); i++)
        {
            await Task.Delay(20);
        }

        Assert.True(await holds(), $"within {seconds} seconds: {what}; heard: {string.Join("; ", Said.All.TakeLast(5)).Split("\n   at")[0]}");
    }

    public async ValueTask LeaveAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }

        _providers.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        foreach (var pool in _pools)
        {
            await pool.DisposeAsync();
        }

        foreach (var engine in new IAsyncDisposable[] { Far, Home, FarRedis, HomeRedis })
        {
            await engine.DisposeAsync();
        }
    }

    private NpgsqlDataSource PoolOf(PostgresServer server)
    {
        _pools.Add(NpgsqlDataSource.Create(server.ConnectionString + ";Maximum Pool Size=10"));
        return _pools[^1];
    }

    private static FeedStatistics FeedOf(ServiceProvider provider) => provider.GetRequiredService<ICache>().Statistics().Feeds[0];

    private static async ValueTask<string?> LoadAsync(NpgsqlDataSource pool, int id, CancellationToken token)
    {
        await using var command = pool.CreateCommand("select version::text from public.things where id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        return (string?)await command.ExecuteScalarAsync(token);
    }
}
