using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Engines.Live;

namespace Millpond.Redis.Live.Tests.Live.Clusters;

/// <summary>Half of the reads of keyspaces that keep nothing locally are for one key; a cluster of three shards serves them.</summary>
public sealed class HotKeys
{
    private const int Hot = 7;
    private const int Keys = 2_000;

    [Theory]
    [InlineData(128)]
    [InlineData(0)]
    public async Task A_hot_key_is_found_within_a_second_and_no_shard_has_much_more_to_do_than_another(int trackedKeysMax)
    {
        await using var cluster = await ClusterSet.StartAsync();
        await using var one = await StartAsync(cluster, trackedKeysMax);
        await using var other = await StartAsync(cluster, trackedKeysMax);
        IKeyspace<int, string>[] processes = [one.GetRequiredService<IKeyspace<int, string>>(), other.GetRequiredService<IKeyspace<int, string>>()];
        using var end = new CancellationTokenSource();
        Task[] callers = [.. Enumerable.Range(0, 8).Select(n => Task.Run(() => ReadAsync(processes[n % 2], n, end.Token)))];

        var watch = Stopwatch.StartNew();
        while (trackedKeysMax > 0 && !processes.All(things => things.HotKeys().Any(key => key is { Key: Hot, IsHot: true })))
        {
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        await Task.Delay(300);
        var before = await CommandsAsync(cluster);
        await Task.Delay(1_500);
        double[] loads = [.. (await CommandsAsync(cluster)).Zip(before, (late, early) => late - early)];
        await end.CancelAsync();
        await Task.WhenAll(callers);
        if (trackedKeysMax > 0)
        {
            Assert.InRange(loads.Max() / loads.Average(), 1, 1.3);
        }
        else
        {
            // What would happen otherwise.
            Assert.InRange(loads.Max() / loads.Average(), 1.4, 3);
        }
    }

    private static async Task<ServiceProvider> StartAsync(ClusterSet cluster, int trackedKeysMax)
    {
        var services = new ServiceCollection();
        services.AddMillpond(cache => cache
            .Configure(options => options.HotKeys.TrackedKeysMax = trackedKeysMax)
            .UseRedis(cluster.Configuration)
            .AddKeyspace<int, string>("item", k => k.Limits(l => l.LocalBytesMax = 0).Load((key, _) => new($"{key}"))));
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredKeyedService<RedisSharedTier>("default").ConnectAsync(TestContext.Current.CancellationToken);
        foreach (var chunk in Enumerable.Range(0, Keys).Chunk(500))
        {
            await provider.GetRequiredService<IKeyspace<int, string>>().GetManyAsync(chunk, default, TestContext.Current.CancellationToken);
        }

        return provider;
    }

    private static async Task ReadAsync(IKeyspace<int, string> things, int seed, CancellationToken end)
    {
        var random = new Random(seed);
        while (!end.IsCancellationRequested)
        {
            var key = random.Next(2) == 0 ? Hot : random.Next(Keys);
            Assert.Equal($"{key}", await things.GetAsync(key, CancellationToken.None));
            if (random.Next(64) == 0)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task<double[]> CommandsAsync(ClusterSet cluster) => await Task.WhenAll(cluster.Nodes.Take(3).Select(async node =>
    {
        var said = (await cluster.TellAsync(node, "INFO", "stats")).Text!;
        return double.Parse(said.Split('\n').First(line => line.StartsWith("total_commands_processed:", StringComparison.Ordinal)).Split(':')[1], CultureInfo.InvariantCulture);
    }));
}
