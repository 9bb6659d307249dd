using Millpond.Bench.Harness;

namespace Millpond.Bench.Suites.HitRatios;

/// <summary>
/// How much of what is asked for is held, by whom. Each trace is replayed through an empty cache with room for a share of all its keys, so that the first
/// read of a key is a miss for everybody. By objects and, where sizes are known, by bytes.
/// </summary>
internal sealed class HitRatio : Suite
{
    private static readonly double[] SharesInPercent = [1, 2.5, 5, 10, 20, 40];

    private static readonly Contender[] Contenders =
    [
        new("LRU", (trace, bytes) => new Lru(trace, bytes)),
        new("W-TinyLFU, adaptive", (trace, bytes) => new AdaptiveTinyLfu(trace, bytes)),
        new("S3-FIFO", (trace, bytes) => new S3Fifo(trace, bytes)),
        new("Millpond", (trace, bytes) => new MillpondPolicy(trace, bytes)),
        new("Belady's optimum", (trace, bytes) => new Belady(trace, bytes)),
    ];

    public override string Name => "hitratio";

    public override string Question => $"room for {string.Join(", ", SharesInPercent)} % of all keys: how much of what is read is a hit?";

    public override Task RunAsync(Report report, Effort effort)
    {
        var (readsMax, shares) = effort == Effort.Quick ? (300_000, [5, 20]) : (2_000_000, SharesInPercent);
        var gaps = new List<double>();
        foreach (var trace in TraceFiles.Read(readsMax).Concat(SyntheticTraces.Make(readsMax)))
        {
            gaps.AddRange(Measure(report, trace, shares));
        }

        report.Add(Name, "all", "Millpond", "worst cell - LRU", "points", gaps.Min());
        return Task.CompletedTask;
    }

    // Returns by how much each cell is above LRU.
    private IEnumerable<double> Measure(Report report, Trace trace, double[] shares)
    {
        var ratios = Contenders.ToDictionary(contender => contender.Name, _ => new List<(double Objects, double Bytes)>());
        foreach (var share in shares)
        {
            var bytesMax = Math.Max(4, (long)(trace.BytesOfAll * share / 100));
            foreach (var contender in Contenders)
            {
                var ratio = trace.Replay(contender.Create(trace, bytesMax));
                ratios[contender.Name].Add(ratio);
                Add(report, trace, $"{trace.Name} {share} %", contender.Name, ratio);
            }
        }

        foreach (var (name, all) in ratios)
        {
            Add(report, trace, $"{trace.Name} mean", name, (all.Average(r => r.Objects), all.Average(r => r.Bytes)));
        }

        return ratios["Millpond"].Zip(ratios["LRU"], (ours, lru) => ours.Objects - lru.Objects);
    }

    private void Add(Report report, Trace trace, string @case, string subject, (double Objects, double Bytes) ratio)
    {
        report.Add(Name, @case, subject, "object hits", "%", ratio.Objects, "LRU");
        if (trace.Weights is not null)
        {
            report.Add(Name, @case, subject, "byte hits", "%", ratio.Bytes, "LRU");
        }
    }
}
