using System.Diagnostics;
using Millpond.Bench.Harness;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>
/// The slowest hits and stores, one by one: while a cache grows to hold everything, and while it has room for a tenth and something goes for whatever comes. Each subject begins
/// empty, so tables double under way.
/// </summary>
internal sealed class LocalSlowest : Suite
{
    private const int Keys = 1_000_000;
    private const int Warming = 200_000;
    private static readonly (string Name, double Share)[] Shares = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999), ("longest", 1)];

    public override string Name => "local-slowest";

    public override string Question => "how long do the slowest hits and stores take, while a cache grows and while it evicts?";

    public override IReadOnlyList<string> Tabled => ["hit p99.9", "hit p99.99", "miss p99.9", "miss p99.99", "write p99.9", "write p99.99", "write longest"];

    public override Task RunAsync(Report report, Effort effort)
    {
        var supplies = new Supplies(Keys);
        var order = Workload.ZipfOrder(Keys, effort == Effort.Quick ? 1 << 19 : 1 << 22, seed: 1);
        foreach (var (@case, entries) in new[] { ("growing", 2 * Keys), ("evicting", Keys / 10) })
        {
            MeasureClock(report, @case, order.Length);
            Measure(report, @case, "ConcurrentDictionary", order, () => new ServingDictionary(supplies));
            Measure(report, @case, "MemoryCache", order, () => ServingMemoryCache.For(supplies, entries));
            Measure(report, @case, "Millpond tier", order, () => new ServingTier(supplies, entries));
            Measure(report, @case, "Millpond keyspace", order, () => ServingKeyspace.For(supplies, entries));
        }

        return Task.CompletedTask;
    }

    private void MeasureClock(Report report, string @case, int times)
    {
        var samples = new LatencySamples(times);
        for (var n = 0; n < times; n++)
        {
            var begun = Stopwatch.GetTimestamp();
            samples.Add(Stopwatch.GetTimestamp() - begun);
        }

        Add(report, @case, "nothing, the clock alone", "hit", samples);
    }

    private void Measure<TServing>(Report report, string @case, string name, int[] order, Func<TServing> create)
        where TServing : struct, IServing
    {
        // On caches of their own, so that what is compiled is compiled when the measured one begins, empty.
        using (var warm = create())
        {
            new SlowRun(order[..Warming]).Run(warm);
            new SlowRun(order[..Warming]).Run(warm);
        }

        var run = new SlowRun(order);
        using (var subject = create())
        {
            run.Run(subject);
        }

        Add(report, @case, name, "hit", run.Hits);
        Add(report, @case, name, "miss", run.Misses);
        Add(report, @case, name, "write", run.Writes);
        report.Add(Name, @case, name, "collector", "ms", run.CollectorMs, "ConcurrentDictionary");
    }

    private void Add(Report report, string @case, string subject, string what, LatencySamples samples)
    {
        foreach (var (name, share) in Shares)
        {
            report.Add(Name, @case, subject, $"{what} {name}", "ns", samples.Quantile(share), "ConcurrentDictionary");
        }
    }
}
