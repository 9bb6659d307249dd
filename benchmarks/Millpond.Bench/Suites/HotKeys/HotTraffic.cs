using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Engines.Live;
using Millpond.Redis;

namespace Millpond.Bench.Suites.HotKeys;

/// <summary>Some caches, as processes would have them, over one cluster, that keep nothing of their own; and callers who read.</summary>
internal sealed class HotTraffic : IAsyncDisposable
{
    public const int Hot = 7;

    private const int Keys = 2_000;
    private const int CallersPerCache = 16;

    private static readonly byte[] Value = new byte[100];

    private readonly ClusterSet _cluster;
    private readonly ServiceProvider[] _caches;
    private readonly IKeyspace<int, byte[]>[] _keyspaces;
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _callers = [];
    private double _hotShare;
    private long _reads;

    private HotTraffic(ClusterSet cluster, ServiceProvider[] caches)
    {
        _cluster = cluster;
        _caches = caches;
        _keyspaces = [.. caches.Select(one => one.GetRequiredService<IKeyspace<int, byte[]>>())];
    }

    /// <summary>Reads so far.</summary>
    public long Reads => Volatile.Read(ref _reads);

    public static async Task<HotTraffic> StartAsync(ClusterSet cluster, int caches, int trackedKeysMax)
    {
        var made = new ServiceProvider[caches];
        for (var n = 0; n < caches; n++)
        {
            var services = new ServiceCollection();
            services.AddMillpond(cache => cache
                .Configure(options =>
                {
                    options.Prefix = $"bench-{trackedKeysMax}";
                    options.HotKeys.TrackedKeysMax = trackedKeysMax;
                })
                .UseRedis(cluster.Configuration)
                .AddKeyspace<int, byte[]>("item", k => k.TimeToLive(TimeSpan.FromHours(1)).Limits(l => l.LocalBytesMax = 0).Load((_, _) => new(Value))));
            made[n] = services.BuildServiceProvider();
            await made[n].GetRequiredKeyedService<RedisSharedTier>("default").ConnectAsync(default);
        }

        var traffic = new HotTraffic(cluster, made);
        foreach (var chunk in Enumerable.Range(0, Keys).Chunk(500))
        {
            await traffic._keyspaces[0].GetManyAsync(chunk);
        }

        traffic._callers.AddRange(traffic._keyspaces.SelectMany((things, n) => Enumerable.Range(0, CallersPerCache).Select(caller => Task.Run(() => traffic.CallAsync(things, (n * 1_000) + caller)))));
        return traffic;
    }

    /// <summary>From now on this share of the reads is for one key; the rest is spread evenly.</summary>
    public void Turn(double hotShare) => Volatile.Write(ref _hotShare, hotShare);

    /// <summary>How long it takes from now until every cache treats the key as hot; null if it takes longer than a time.</summary>
    public async Task<TimeSpan?> FoundAsync(TimeSpan atMost)
    {
        var watch = Stopwatch.StartNew();
        while (!_keyspaces.All(things => things.HotKeys().Any(one => one is { Key: Hot, IsHot: true })))
        {
            if (watch.Elapsed > atMost)
            {
                return null;
            }

            await Task.Delay(5);
        }

        return watch.Elapsed;
    }

    /// <summary>How many commands each primary executes in a time.</summary>
    public async Task<double[]> CommandsAsync(TimeSpan time)
    {
        var before = await CommandsAsync();
        await Task.Delay(time);
        var after = await CommandsAsync();
        return [.. after.Zip(before, (late, early) => late - early)];
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_callers);
        foreach (var cache in _caches)
        {
            await cache.DisposeAsync();
        }

        _end.Dispose();
    }

    private async Task<double[]> CommandsAsync() => await Task.WhenAll(_cluster.Nodes.Take(3).Select(async node =>
    {
        var said = (await _cluster.TellAsync(node, "INFO", "stats")).Text!;
        var line = said.Split('\n').First(one => one.StartsWith("total_commands_processed:", StringComparison.Ordinal));
        return double.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }));

    private async Task CallAsync(IKeyspace<int, byte[]> things, int seed)
    {
        var random = new Random(seed);
        while (!_end.IsCancellationRequested)
        {
            var key = random.NextDouble() < Volatile.Read(ref _hotShare) ? Hot : random.Next(Keys);
            await things.GetAsync(key);
            Interlocked.Increment(ref _reads);

            // A caller who is always answered at once would never let another one in.
            if (random.Next(64) == 0)
            {
                await Task.Yield();
            }
        }
    }
}
