using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Engines.Live;
using Npgsql;

namespace Millpond.Bench.Suites.Feeds;

/// <summary>A PostgreSQL with rows, a Redis, and caches on both.</summary>
internal sealed class FeedWorld : IAsyncDisposable
{
    private readonly List<ServiceProvider> _providers = [];

    public PostgresServer Database { get; private init; } = null!;

    public RedisServer Redis { get; private init; } = null!;

    public NpgsqlDataSource Source { get; private init; } = null!;

    public Func<TimeSpan> LoadTime { get; set; } = () => TimeSpan.Zero;

    public static async Task<FeedWorld> StartAsync(int rows)
    {
        var database = await PostgresServer.StartAsync();
        var world = new FeedWorld { Database = database, Redis = await RedisServer.StartAsync(), Source = NpgsqlDataSource.Create(database.ConnectionString + ";Maximum Pool Size=40") };
        await world.RunAsync("create table public.things (id int primary key, version bigint not null)");
        await world.RunAsync($"insert into things select i, 0 from generate_series(1, {rows}) i");
        await world.RunAsync("vacuum analyze things");
        return world;
    }

    public async Task RunAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    public (ServiceProvider Provider, IKeyspace<int, string> Things) Build(bool follows, bool onRedis = true)
    {
        var services = new ServiceCollection().AddMillpond(m =>
        {
            _ = onRedis ? m.UseRedis(Redis.Address) : m;
            _ = follows ? m.AddPostgresFeed("bench", Database.ConnectionString) : m;
            m.Configure(options => options.LocalBytesMax = 256 << 20).AddKeyspace<int, string>("thing", k =>
            {
                k.TimeToLive(TimeSpan.FromHours(1)).Load(LoadAsync);
                _ = follows ? k.ChangedBy(new RowRule<int> { Table = "public.things", KeyColumn = "id", RowsMax = 10_000 }) : k;
            });
        });
        var provider = services.BuildServiceProvider();
        _providers.Add(provider);
        return (provider, provider.GetRequiredService<IKeyspace<int, string>>());
    }

    public static async Task StartAsync(ServiceProvider provider)
    {
        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            await hosted.StartAsync(default);
        }
    }

    public static async Task FollowAsync(ServiceProvider provider)
    {
        await StartAsync(provider);
        while (FeedOf(provider) is not { State: Millpond.Feeds.FeedState.Following, Lag: not null })
        {
            await Task.Delay(10);
        }
    }

    public static FeedStatistics FeedOf(ServiceProvider provider) => provider.GetRequiredService<ICache>().Statistics().Feeds[0];

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }

        await Source.DisposeAsync();
        await Redis.DisposeAsync();
        await Database.DisposeAsync();
    }

    private async ValueTask<string?> LoadAsync(int id, CancellationToken token)
    {
        await using var command = Source.CreateCommand("select version::text from public.things where id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        var version = (string?)await command.ExecuteScalarAsync(token);
        if (LoadTime() is { Ticks: > 0 } more)
        {
            await Task.Delay(more, token);
        }

        return version;
    }
}
