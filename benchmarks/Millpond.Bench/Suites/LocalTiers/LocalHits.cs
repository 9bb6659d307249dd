using Millpond.Bench.Harness;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>
/// What a hit costs. The subjects take turns within each round, so that whatever else the machine does meets all of them; the rows are the median and the least of the rounds.
/// </summary>
/// <remarks>
/// A hit is timed twice: as what a caller waits for, each look-up beginning when the one before has its value; and overlapped, where a processor works on the next ones meanwhile, as only
/// a loop over many keys has it.
/// </remarks>
internal sealed class LocalHits : Suite
{
    public const string Hit = "hit";
    public const string Overlapped = "overlapped";
    public const string Beside = "hit, to strings";
    public const string Allocated = "allocated";
    public const string Processor = "processor/wall";
    public const string Small = "1 k uniform";
    public const string Popular = "100 k Zipf 0.99";

    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(250);

    public override string Name => "local-hits";

    public override string Question => "what does a hit cost, in time and in bytes?";

    public override IReadOnlyList<Goal> Goals =>
    [
        Ratio("hit, 1 k string keys", Small, "Millpond tier", Hit, 0.70),
        Ratio("hit, 1 k `int` keys, to ConcurrentDictionary with strings", Small, "Millpond tier int", Beside, 0.50),
        Ratio("hit, 100 k string keys, Zipf", Popular, "Millpond tier", Hit, 0.85),
        Ratio("hit through a keyspace", Small, "Millpond keyspace", Hit, 1.2),
        Ratio("hit through a keyspace, 100 k Zipf", Popular, "Millpond keyspace", Hit, 1.2),
        Ratio("hit through HybridCache", Small, "Millpond HybridCache", Hit, 1.6),
        Ratio("hit through HybridCache, 100 k Zipf", Popular, "Millpond HybridCache", Hit, 1.6),
        AtMost("bytes allocated by a hit of the tier", "Millpond tier", Allocated, 0),
        AtMost("bytes allocated by a hit through a keyspace", "Millpond keyspace", Allocated, 0),
        AtMost("bytes allocated by a hit through HybridCache", "Millpond HybridCache", Allocated, 0),
        AtMost("processor time to wall time, tier", "Millpond tier", Processor, 1.05),
        AtMost("processor time to wall time, keyspace", "Millpond keyspace", Processor, 1.05),
    ];

    public override IReadOnlyList<string> Tabled => [Hit, Overlapped, "processor", Allocated];

    public override async Task RunAsync(Report report, Effort effort)
    {
        var (rounds, hits) = effort == Effort.Quick ? (7, 1 << 18) : (31, 1 << 20);
        await MeasureAsync(report, Small, Workload.Uniform(1_000, 1 << 16), rounds, hits);
        await MeasureAsync(report, Popular, Workload.Zipf(100_000, 1 << 20), rounds, hits);
        await MeasureAsync(report, "100 k uniform", Workload.Uniform(100_000, 1 << 20), rounds, hits);
    }

    private async Task MeasureAsync(Report report, string @case, Workload load, int rounds, int hits)
    {
        using var subjects = await HitSubjects.FillAsync(load);
        for (var twice = 0; twice < 2; twice++)
        {
            foreach (var subject in subjects.All)
            {
                subject.WarmUp(WarmUp);
            }
        }

        GC.Collect();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var subject in subjects.All)
            {
                subject.Measure(hits);
            }
        }

        foreach (var subject in subjects.All)
        {
            report.Add(Name, @case, subject.Name, Hit, "ns", subject.LatencyNs, subject.Baseline);
            report.Add(Name, @case, subject.Name, "least", "ns", subject.LeastNs, subject.Baseline);
            report.Add(Name, @case, subject.Name, Overlapped, "ns", subject.OverlappedNs, subject.Baseline);
            report.Add(Name, @case, subject.Name, Beside, "ns", subject.LatencyNs, HitSubjects.DictionaryByText);
            report.Add(Name, @case, subject.Name, "processor", "ns", subject.ProcessorNs, subject.Baseline);
            report.Add(Name, @case, subject.Name, Processor, "x", subject.ProcessorToWall);
            report.Add(Name, @case, subject.Name, Allocated, "B", subject.Bytes, subject.Baseline);
        }
    }

    private Goal Ratio(string what, string @case, string subject, string metric, double limit) => new(what, new(Name, @case, subject, metric), Figure.Ratio, Bound.AtMost, limit);

    private Goal AtMost(string what, string subject, string metric, double limit) => new(what, new(Name, Small, subject, metric), Figure.Value, Bound.AtMost, limit);
}
