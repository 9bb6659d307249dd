using Millpond.Bench.Harness;
using Millpond.Bench.Suites.Resp;
using Millpond.Engines.Live;

namespace Millpond.Bench.Suites.Shared;

/// <summary>
/// What the cache adds to the bare client: a hit in the shared tier, through a keyspace whose local tier is off, beside the client's own GET of the very bytes that are stored.
/// </summary>
internal sealed class SharedTiers : Suite
{
    private const string Bare = "bare client, GET of the record";
    private const string Tier = "shared tier";
    private const string Keyspace = "keyspace";
    private const int BatchSize = 100;
    private static readonly int[] Callers = [1, 32, 128];

    public override string Name => "shared";

    public override string Question => "A hit in the shared tier through a keyspace, beside the bare client's GET of the same bytes: how much slower, at what cost?";

    public override IReadOnlyList<string> Tabled => ["throughput", "p50", "p99", "cpu", "allocated"];

    public override IReadOnlyList<Goal> Goals { get; } =
    [
        new("time of a lone caller", new("shared", "GET 100 B x1", Keyspace, "p50"), Figure.Ratio, Bound.AtMost, 1.05),
        new("throughput, 128 callers of 100 B", new("shared", "GET 100 B x128", Keyspace, "throughput"), Figure.Ratio, Bound.AtLeast, 0.9),
        new("throughput, 128 callers of 2 KB", new("shared", "GET 2 KB x128", Keyspace, "throughput"), Figure.Ratio, Bound.AtLeast, 0.9),
        new("throughput of 100 keys at once", new("shared", "100 keys of 100 B x8", Keyspace, "throughput"), Figure.Ratio, Bound.AtLeast, 0.9),
        new("ms from InvalidateAsync to the other process' entry, p99", new("shared", "push", Keyspace, "p99"), Figure.Value, Bound.AtMost, 5_000),
    ];

    public override async Task RunAsync(Report report, Effort effort)
    {
        var time = TimeSpan.FromSeconds(effort == Effort.Quick ? 1 : 4);
        await using var server = await RedisServer.StartAsync();
        foreach (var (bytes, size) in new[] { (100, "100 B"), (2048, "2 KB") })
        {
            await using var cache = await SharedCache.StartAsync(server.Address, bytes);
            foreach (var callers in Callers)
            {
                var name = $"GET {size} x{callers}";
                await AddAsync(report, name, Bare, callers, time, 1, cache.GetBare);
                await AddAsync(report, name, Tier, callers, time, 1, cache.ReadTier);
                await AddAsync(report, name, Keyspace, callers, time, 1, cache.GetKeyspace);
            }

            foreach (var callers in new[] { 1, 8 })
            {
                var name = $"{BatchSize} keys of {size} x{callers}";
                await AddAsync(report, name, Bare, callers, time, BatchSize, cache.GetManyBare);
                await AddAsync(report, name, Keyspace, callers, time, BatchSize, cache.GetManyKeyspace);
            }
        }

        await SharedProcesses.MeasureAsync(report, Name, Keyspace, server.Address, time);
        await PushLatency.MeasureAsync(report, Name, Keyspace, server, effort);
    }

    private async Task AddAsync(Report report, string name, string subject, int callers, TimeSpan time, int operations, Func<int, Func<ValueTask>> caller)
    {
        await Measured.RunAsync(callers, TimeSpan.FromSeconds(1), operations, caller);
        var measured = await Measured.RunAsync(callers, time, operations, caller);
        var baseline = subject == Bare ? null : Bare;
        foreach (var (metric, unit, value) in new[]
        {
            ("throughput", "op/s", measured.OpsPerSecond), ("p50", "us", measured.P50Us), ("p99", "us", measured.P99Us), ("cpu", "us each", measured.CpuUs), ("allocated", "B each", measured.BytesEach),
        })
        {
            report.Add(Name, name, subject, metric, unit, Math.Round(value, 2), baseline);
        }
    }
}
