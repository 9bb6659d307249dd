using Millpond.Bench.Harness;

namespace Millpond.Bench.Suites.Outages;

/// <summary>
/// What users and the source see when the shared tier is killed, emptied, slow or paused, or when the source itself is slow, and afterwards. Both subjects run at the same time, each with a server,
/// a network and a source of its own, at 95 hits in 100.
/// </summary>
internal sealed class Outage : Suite
{
    private const string Ours = "Millpond";
    private const string Plain = "cache-aside";
    private const int RatePerSecond = 1_500;

    // A tenth of the keys fits in a process, as where a fleet shares what none of it can hold.
    private const long LocalBytesAKey = 400 / 10;

    private static readonly (Trouble Trouble, string Name)[] Cases =
    [
        (Trouble.Killed, "killed"), (Trouble.Emptied, "emptied"), (Trouble.TwoSecondsACall, "2 s a call"), (Trouble.Paused, "paused"), (Trouble.SourceTenTimesSlower, "source 10x slower"),
    ];

    private readonly OutagePlot _plot = new();

    public override string Name => "outage";

    public override string Question => "A shared tier that is killed, emptied, slow or paused, or a source that is slow: what do users and the source see, and how soon is all well again?";

    public override IReadOnlyList<string> Tabled => ["most at source", "answered during", "answered after", "stale during", "p50 during", "p99 before", "p99 during", "p99 after", "recovery", "time"];

    public override IReadOnlyList<Goal> Goals { get; } =
    [
        .. Cases.Select(one => new Goal($"queries at once at the source, {one.Name}", new("outage", one.Name, Ours, "most at source"), Figure.Value, Bound.AtMost, MillpondSubject.ConcurrentLoadsMax)),
        .. Cases.Select(one => new Goal($"seconds until 95 % of what was answered before is answered again, {one.Name}", new("outage", one.Name, Ours, "recovery"), Figure.Value, Bound.AtMost, 60)),
        .. Cases.SkipLast(1).Select(one => new Goal($"ms of p99 during the trouble beyond a load's own time and {BoundMs:0} ms, {one.Name}", new("outage", one.Name, Ours, "p99 over bound"), Figure.Value, Bound.AtMost, 0)),
        new("ns for a place at the source, taken and given back", new("outage", GuardCost.Case, GuardCost.Place, "time"), Figure.Value, Bound.AtMost, 1_000),
    ];

    public override string Plot => _plot.Draw();

    /// <summary>What a read may wait beyond its load: once for the shared tier, once for a place.</summary>
    private static double BoundMs => (new MillpondOptions().SharedTierTimeoutMax + MillpondSubject.WaitMax).TotalMilliseconds;

    public override async Task RunAsync(Report report, Effort effort)
    {
        var (keys, before, during, after) = effort == Effort.Quick ? (1_500, 2, 3, 2) : (10_000, 5, 15, 20);
        int[] ranks = [.. Zipf.Ranks(keys, 200_000, seed: 1)];
        await GuardCost.MeasureAsync(report, Name, effort);
        foreach (var (trouble, name) in Cases)
        {
            await using var ours = await OutageStage.StartAsync((address, source) => new MillpondSubject(address, source, Math.Max(64 << 10, LocalBytesAKey * keys)));
            await using var plain = await OutageStage.StartAsync((address, source) => new PlainSubject(address, source));
            OutageStage[] stages = [ours, plain];
            Traffic[] traffic = [.. stages.Select(stage => new Traffic(stage.Subject, ranks, RatePerSecond))];
            await Task.WhenAll(traffic.Select(one => one.WarmAsync(keys)));
            Timeline[] lines = [.. stages.Select(_ => new Timeline(TimeSpan.FromSeconds(before), TimeSpan.FromSeconds(during), TimeSpan.FromSeconds(after)))];
            foreach (var stage in stages)
            {
                stage.Subject.Source.TakeMost();
            }

            await Task.WhenAll([.. traffic.Zip(lines, (one, line) => Task.Run(() => one.RunAsync(line))), TroubleAsync(stages, trouble, lines[0])]);
            for (var i = 0; i < stages.Length; i++)
            {
                Add(report, name, stages[i].Subject.Name, lines[i]);
            }

            _plot.Add(name, [.. stages.Zip(lines, (stage, line) => (stage.Subject.Name, line))]);
        }
    }

    private static async Task TroubleAsync(OutageStage[] stages, Trouble trouble, Timeline line)
    {
        await Task.Delay(line.TroubleFrom);
        await Task.WhenAll(stages.Select(stage => stage.BeginAsync(trouble)));
        await Task.Delay(line.TroubleTo - line.TroubleFrom);
        await Task.WhenAll(stages.Select(stage => stage.EndAsync(trouble)));
    }

    private void Add(Report report, string name, string subject, Timeline line)
    {
        report.Add(Name, name, subject, "most at source", "queries", line.MostAtSource());
        foreach (var part in Enum.GetValues<Part>())
        {
            var when = part.ToString().ToLowerInvariant();
            report.Add(Name, name, subject, $"answered {when}", "%", Math.Round(100 * line.Goodput(part), 1));
            report.Add(Name, name, subject, $"p50 {when}", "ms", Math.Round(line.Quantile(part, 0.5), 1));
            report.Add(Name, name, subject, $"p99 {when}", "ms", Math.Round(line.Quantile(part, 0.99), 1));
        }

        if (subject == Ours)
        {
            report.Add(Name, name, subject, "stale during", "%", Math.Round(100 * line.Stale(Part.During), 1));
            report.Add(Name, name, subject, "p99 over bound", "ms", Math.Round(Math.Max(0, line.Quantile(Part.During, 0.99) - OutageSource.LongestMs(MillpondSubject.ConcurrentLoadsMax) - BoundMs), 1));
        }

        // JSON knows no infinity; who had not recovered by the end is said to have taken longer than any limit.
        report.Add(Name, name, subject, "recovery", "s", line.SecondsToRecover() is var seconds && double.IsFinite(seconds) ? Math.Round(seconds, 1) : 999);
    }
}
