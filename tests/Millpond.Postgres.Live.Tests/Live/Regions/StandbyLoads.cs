using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Engines.Live;
using Npgsql;

namespace Millpond.Postgres.Live.Tests.Live.Regions;

/// <summary>Loads read a physical standby that lags, and the feed follows the primary.</summary>
public sealed class StandbyLoads
{
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task A45_A46_replica_fill(bool losesFloors, bool feedKnowsOfStandby)
    {
        await using var primary = await PostgresServer.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await Database.RunAsync(primary, "create table public.things (id int primary key, version bigint not null)", "insert into things values (1, 1)");
        await using var standby = await primary.AddStandbyAsync("slow");
        await RegionPair.UntilAsync(async () => await Database.AskAsync<bool>(standby, "select to_regclass('public.things') is not null"), "the standby has the table");
        await using var loads = NpgsqlDataSource.Create(standby.ConnectionString);
        var services = new ServiceCollection();
        services.AddMillpond(m => m
            .UseRedis(redis.Address)
            .AddPostgresFeed("live", primary.ConnectionString, options => feedKnowsOfStandby ? options with { Standbys = [standby.ConnectionString] } : options)
            .AddKeyspace<int, string>("thing", k => k.Policy(p => (p.TimeToLive, p.Jitter) = (TimeSpan.FromHours(1), 0)).Load(LoadAsync).ChangedBy("public.things", "id")));
        await using var provider = services.BuildServiceProvider();
        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            await hosted.StartAsync(default);
        }

        var cache = provider.GetRequiredService<IKeyspace<int, string>>();
        await RegionPair.UntilAsync(() => new(Feed() is { State: Feeds.FeedState.Following, Lag: not null }), "the feed follows");
        Assert.Equal("1", await cache.GetAsync(1));

        await Database.RunAsync(standby, "select pg_wal_replay_pause()");
        await RegionPair.UntilAsync(async () => await Database.AskAsync<string>(standby, "select pg_get_wal_replay_pause_state()") == "paused", "the standby stands still");
        await Database.RunAsync(primary, "update things set version = 2 where id = 1");
        await RegionPair.UntilAsync(() => new(!cache.TryPeek(1, out _)), "the change is told");
        if (losesFloors)
        {
            await redis.KillAsync();
            await redis.LaunchAsync();
        }

        // The old row again, and kept.
        await RegionPair.UntilAsync(async () => await cache.GetAsync(1) == "1" && cache.TryPeek(1, out _), "the old row is loaded from the standby");
        await Database.RunAsync(standby, "select pg_wal_replay_resume()");
        if (feedKnowsOfStandby)
        {
            await RegionPair.UntilAsync(async () => await cache.GetAsync(1) == "2", "the new row is read");
            return;
        }

        // Without the gate it has been confirmed long ago, and nobody will ever say it again.
        await RegionPair.UntilAsync(async () => await Database.AskAsync<long>(standby, "select version from things") == 2, "the standby has the row");
        await RegionPair.UntilAsync(() => new(Feed() is { Lag: { } lag } && lag < TimeSpan.FromSeconds(1)), "everything is confirmed");
        Assert.Equal("1", await cache.GetAsync(1));

        FeedStatistics Feed() => provider.GetRequiredService<ICache>().Statistics().Feeds[0];

        async ValueTask<string?> LoadAsync(int id, CancellationToken token)
        {
            await using var command = loads.CreateCommand("select version::text from public.things where id = $1");
            command.Parameters.Add(new NpgsqlParameter { Value = id });
            return (string?)await command.ExecuteScalarAsync(token);
        }
    }
}
