using System.Diagnostics;
using Millpond.Bench.Harness;
using Npgsql;

namespace Millpond.Bench.Suites.Feeds;

/// <summary>How many keys are stale when all is quiet, after many writes past the cache while slow loads fill it: without a standby, and with a synchronous one, behind which a change is told long before reads show it (A67).</summary>
internal static class FeedStaleness
{
    private const int Rows = 200;
    private const int Writers = 8;

    public static async Task MeasureAsync(Report report, string suite, Effort effort)
    {
        foreach (var subject in new[] { "no standby", "synchronous standby" })
        {
            await using var world = await FeedWorld.StartAsync(Rows);
            Engines.Live.PostgresServer? standby = null;
            if (subject == "synchronous standby")
            {
                standby = await world.Database.AddStandbyAsync("behind");
                await world.Database.WaitForStandbyAsync("behind");
            }

            world.LoadTime = () => TimeSpan.FromMilliseconds(20 * Random.Shared.NextDouble());
            var (leader, here) = world.Build(follows: true);
            var (_, there) = world.Build(follows: false);
            await FeedWorld.FollowAsync(leader);
            var (writes, reads) = await WriteAndReadAsync(world, [here, there], effort == Effort.Quick ? 2_000 : 60_000);

            // Longer than the second application and a push take; a key that is stale after it stays so.
            await Task.Delay(500);
            report.Add(suite, "slow loads", subject, "writes", "", writes);
            report.Add(suite, "slow loads", subject, "reads", "", reads);
            report.Add(suite, "slow loads", subject, "stale", "keys", await StaleAsync(world, [here, there]));
            if (standby is not null)
            {
                await world.Database.WaitForStandbyAsync(null);
                await standby.DisposeAsync();
            }
        }
    }

    private static async Task<(int Writes, int Reads)> WriteAndReadAsync(FeedWorld world, IKeyspace<int, string>[] caches, int count)
    {
        var (writes, reads) = (0, 0);
        var writers = Enumerable.Range(0, Writers).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            await using var connection = await world.Source.OpenConnectionAsync();
            await using var update = new NpgsqlCommand("update public.things set version = version + 1 where id = $1", connection) { Parameters = { new NpgsqlParameter<int>() } };
            await update.PrepareAsync();
            while (Interlocked.Increment(ref writes) <= count)
            {
                ((NpgsqlParameter<int>)update.Parameters[0]).TypedValue = random.Next(1, Rows + 1);
                await update.ExecuteNonQueryAsync();
            }
        })).ToArray();
        var readers = Enumerable.Range(100, 8).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (Volatile.Read(ref writes) < count)
            {
                await caches[random.Next(caches.Length)].GetAsync(random.Next(1, Rows + 1));
                Interlocked.Increment(ref reads);
                await Task.Yield();
            }
        })).ToArray();
        await Task.WhenAll([.. writers, .. readers]);
        return (count, reads);
    }

    private static async Task<int> StaleAsync(FeedWorld world, IKeyspace<int, string>[] caches)
    {
        var stale = 0;
        await using var command = world.Source.CreateCommand("select id, version::text from public.things");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            foreach (var cache in caches)
            {
                stale += await cache.GetAsync(reader.GetInt32(0)) == reader.GetString(1) ? 0 : 1;
            }
        }

        return stale;
    }
}
