using System.Runtime.CompilerServices;
using System.Text;
using Millpond.Bench.Harness;
using Millpond.Engines.Live;
using Millpond.Resp;

namespace Millpond.Bench.Suites.Resp;

/// <summary>
/// Our client against one redis-server on the same cores, beside the servers' own benchmark program in the same run. Every caller has a key of its own and checks the length of what it gets.
/// </summary>
internal sealed class RespClients : Suite
{
    private const string Ruler = "redis-benchmark";
    private const int BatchSize = 100;
    private static readonly int[] Callers = [1, 32, 128, 1024];

    public override string Name => "resp";

    public override string Question => "GET and SET through the client: how many, how fast, at what cost, beside redis-benchmark?";

    public override async Task RunAsync(Report report, Effort effort)
    {
        var time = TimeSpan.FromSeconds(effort == Effort.Quick ? 1 : 3);
        await using var server = await RedisServer.StartAsync();
        foreach (var (bytes, size) in new[] { (100, "100 B"), (2048, "2 KB") })
        {
            foreach (var command in new[] { "get", "set" })
            {
                foreach (var callers in Callers)
                {
                    await CompareAsync(report, server, command, bytes, $"{command.ToUpperInvariant()} {size} x{callers}", callers, time);
                }
            }
        }

        await CompareBatchesAsync(report, server, time);
    }

    private async Task CompareAsync(Report report, RedisServer server, string command, int bytes, string name, int callers, TimeSpan time)
    {
        var requests = (int)((callers == 1 ? 25_000 : 100_000) * time.TotalSeconds);
        Add(report, name, Ruler, await RedisBenchmark.RunAsync(server.Port, command, bytes, callers, 1, requests));
        Add(report, name, Ruler + " -P 16", await RedisBenchmark.RunAsync(server.Port, command, bytes, callers, 16, requests * 8));
        foreach (var connections in callers >= 128 ? new[] { 1, 2 } : [1])
        {
            await using var client = new RespClient(RespOptions.Parse($"{server.Address},connections={connections}"));
            var value = new byte[bytes];
            for (var i = 0; i < callers; i++)
            {
                await client.SendAsync<Set, int>(new Set(Key(i), value));
            }

            Func<int, Func<ValueTask>> caller = command == "get" ? i => Reader(client, Key(i), bytes) : i => Writer(client, Key(i), value);
            await Measured.RunAsync(callers, TimeSpan.FromSeconds(1), 1, caller);
            Add(report, name, connections == 1 ? "millpond (1 connection)" : $"millpond ({connections} connections)", await Measured.RunAsync(callers, time, 1, caller));
        }

        if (callers <= 128 && command == "get")
        {
            using var naive = new NaiveClient(server.Port);
            Func<int, Func<ValueTask>> caller = i => () => Naive(naive, $"key:{i}");
            await Measured.RunAsync(callers, TimeSpan.FromSeconds(0.5), 1, caller);
            Add(report, name, "one at a time", await Measured.RunAsync(callers, time, 1, caller));
        }
    }

    private async Task CompareBatchesAsync(Report report, RedisServer server, TimeSpan time)
    {
        foreach (var callers in new[] { 1, 8 })
        {
            var name = $"GET 100 B in batches of {BatchSize} x{callers}";
            Add(report, name, Ruler, await RedisBenchmark.RunAsync(server.Port, "get", 100, callers, BatchSize, (int)(1_000_000 * time.TotalSeconds)));
            await using var client = new RespClient(RespOptions.Parse(server.Address));
            for (var i = 0; i < BatchSize; i++)
            {
                await client.SendAsync<Set, int>(new Set(Key(i), new byte[100]));
            }

            Func<int, Func<ValueTask>> caller = _ => Batcher(client);
            await Measured.RunAsync(callers, TimeSpan.FromSeconds(1), BatchSize, caller);
            Add(report, name, "millpond (1 connection)", await Measured.RunAsync(callers, time, BatchSize, caller));
        }
    }

    private static byte[] Key(int caller) => Encoding.UTF8.GetBytes($"key:{caller}");

    // The callers' own state machines are pooled: what is counted as allocated is the client's.
    private static Func<ValueTask> Reader(RespClient client, byte[] key, int bytes)
    {
        return CallAsync;

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
        async ValueTask CallAsync() => Check(await client.SendAsync<Get, int>(new Get(key)), bytes);
    }

    private static Func<ValueTask> Writer(RespClient client, byte[] key, byte[] value)
    {
        return CallAsync;

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
        async ValueTask CallAsync() => Check(await client.SendAsync<Set, int>(new Set(key, value)), 2);
    }

    private static async ValueTask Naive(NaiveClient client, string key) => _ = await client.SendAsync("GET", key);

    private static Func<ValueTask> Batcher(RespClient client)
    {
        var (requests, outcomes) = (Enumerable.Range(0, BatchSize).Select(i => new Get(Key(i))).ToArray(), new RespOutcome<int>[BatchSize]);
        return async () =>
        {
            await client.SendBatchAsync<Get, int>(requests, outcomes);
            foreach (var outcome in outcomes)
            {
                Check(outcome.Result, 100);
            }
        };
    }

    private static void Check(int length, int wanted)
    {
        if (length != wanted)
        {
            throw new InvalidOperationException($"A reply of {length} bytes where {wanted} were due.");
        }
    }

    private void Add(Report report, string name, string subject, Measured measured)
    {
        var baseline = subject == Ruler ? null : Ruler;
        foreach (var (metric, unit, value) in new[]
        {
            ("throughput", "op/s", measured.OpsPerSecond), ("p50", "us", measured.P50Us), ("p99", "us", measured.P99Us), ("p99.9", "us", measured.P999Us),
            ("cpu", "us each", measured.CpuUs), ("allocated", "B each", measured.BytesEach),
        })
        {
            if (!double.IsNaN(value))
            {
                report.Add(Name, name, subject, metric, unit, Math.Round(value, 2), baseline);
            }
        }
    }
}
