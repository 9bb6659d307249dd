using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond;
using Millpond.Engines.Live;
using Npgsql;

namespace Regions;

/// <summary>One region: a database, a shared tier, and a node that reads through both and follows the database's log.</summary>
internal sealed class Region : IAsyncDisposable
{
    public const int Rows = 50;

    // Of a loader's connections, so that a region is as busy as a small service.
    private const int Connections = 10;

    private readonly ServiceProvider _node;
    private readonly NpgsqlDataSource _here;
    private readonly NpgsqlDataSource _home;

    private Region(PostgresServer database, RedisServer redis, PostgresServer home)
    {
        (_here, _home) = (PoolOf(database), PoolOf(home));
        var services = new ServiceCollection();
        services.AddMillpond(m => m
            .UseRedis(redis.Address)
            .AddPostgresFeed("shop", database.ConnectionString, o => database == home ? o : o with { Home = home.ConnectionString, CutOffAfter = TimeSpan.FromSeconds(2) })
            .AddKeyspace<int, long>("stock", k => k
                .Load((id, token) => LoadAsync(_here, id, token))
                .LoadFromHome((id, token) => LoadAsync(_home, id, token))
                .ChangedBy("public.stock", key: "id")));
        _node = services.BuildServiceProvider();
    }

    public IKeyspace<int, long> Stock => _node.GetRequiredService<IKeyspace<int, long>>();

    public FeedStatistics Feed => _node.GetRequiredService<ICache>().Statistics().Feeds[0];

    public static async Task<Region> StartAsync(PostgresServer database, RedisServer redis, PostgresServer home)
    {
        var region = new Region(database, redis, home);
        foreach (var hosted in region._node.GetServices<IHostedService>())
        {
            await hosted.StartAsync(default);
        }

        return region;
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _here.DisposeAsync();
        await _home.DisposeAsync();
    }

    private static NpgsqlDataSource PoolOf(PostgresServer server) => NpgsqlDataSource.Create($"{server.ConnectionString};Maximum Pool Size={Connections}");

    private static async ValueTask<long> LoadAsync(NpgsqlDataSource pool, int id, CancellationToken token)
    {
        await using var command = pool.CreateCommand("select pieces from public.stock where id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        return (long)(await command.ExecuteScalarAsync(token))!;
    }
}
