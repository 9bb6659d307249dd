using System.Diagnostics;
using Millpond.Bench.Harness;

namespace Millpond.Bench.Suites;

/// <summary>
/// A stampede: 10,000 callers ask for one key that nobody has, while the source takes 50 ms. What is measured is what the cache
/// adds: loads beyond the first, time beyond the load, bytes per caller. The callers' own bookkeeping is outside the measurement: they
/// keep the ValueTask they get in an array made before, and one await after another finds it completed.
/// </summary>
internal sealed class Coalescing : Suite
{
    private const int Callers = 10_000;
    private static readonly TimeSpan LoadTime = TimeSpan.FromMilliseconds(50);

    public override string Name => "coalescing";

    public override string Question => $"{Callers:N0} callers, one missing key, a load of {LoadTime.TotalMilliseconds:0} ms: how many loads, how much longer, how many bytes?";

    public override IReadOnlyList<Goal> Goals { get; } =
    [
        new("loads", new("coalescing", "plain", "Millpond GetOrLoadAsync", "loads"), Figure.Value, Bound.AtMost, 1),
        new("ms beyond the load", new("coalescing", "plain", "Millpond GetOrLoadAsync", "beyond the load"), Figure.Value, Bound.AtMost, 3),
        new("ms beyond the load, cancellable", new("coalescing", "cancellable", "Millpond GetOrLoadAsync", "beyond the load"), Figure.Value, Bound.AtMost, 3),
        new("bytes a caller, the loader that he brings included", new("coalescing", "plain", "Millpond GetOrLoadAsync", "allocated"), Figure.Value, Bound.AtMost, 100),
        new("bytes a caller, cancellable", new("coalescing", "cancellable", "Millpond GetOrLoadAsync", "allocated"), Figure.Value, Bound.AtMost, 200),
    ];

    public override IReadOnlyList<string> Tabled => ["loads", "total", "beyond the load", "allocated"];

    public override async Task RunAsync(Report report, Effort effort)
    {
        var runs = effort == Effort.Quick ? 7 : 41;
        using var living = new CancellationTokenSource();
        foreach (var (name, token) in new[] { ("plain", CancellationToken.None), ("cancellable", living.Token) })
        {
            await using var lazy = new LazyTasks();
            await MeasureAsync(report, name, lazy, runs, baseline: null, token);
            await using var memory = new MicrosoftMemoryCache();
            await MeasureAsync(report, name, memory, runs, lazy.Name, token);
            await using var cache = new MillpondCache();
            await MeasureAsync(report, name, cache, runs, lazy.Name, token);
            await using var keyspace = new MillpondKeyspace();
            await MeasureAsync(report, name, keyspace, runs, lazy.Name, token);
            await using var hybrid = new MillpondHybrid();
            await MeasureAsync(report, name, hybrid, runs, lazy.Name, token);
        }
    }

    private async Task MeasureAsync(Report report, string @case, IStampeded subject, int runs, string? baseline, CancellationToken token)
    {
        // Tiered compilation replaces the code under measurement during the first runs.
        for (var i = 0; i < 5; i++)
        {
            await StampedeAsync(subject, "warm" + i, token);
        }

        var seen = new List<Outcome>();
        for (var i = 0; i < runs; i++)
        {
            seen.Add(await StampedeAsync(subject, "key" + i, token));
        }

        report.Add(Name, @case, subject.Name, "loads", "", seen.Max(s => s.Loads), baseline);
        report.Add(Name, @case, subject.Name, "total", "ms", Median(seen.Select(s => s.TotalMs)), baseline);
        report.Add(Name, @case, subject.Name, "beyond the load", "ms", Median(seen.Select(s => s.BeyondMs)), baseline);
        report.Add(Name, @case, subject.Name, "allocated", "B each", Median(seen.Select(s => s.BytesEach)), baseline);
    }

    private static async Task<Outcome> StampedeAsync(IStampeded subject, string key, CancellationToken token)
    {
        var (loads, loadMs) = (0, 0.0);
        var answers = new ValueTask<string>[Callers];
        Func<CancellationToken, Task<string>> load = async _ =>
        {
            Interlocked.Increment(ref loads);
            var begun = Stopwatch.GetTimestamp();
            await Task.Delay(LoadTime, CancellationToken.None);
            loadMs = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            return key;
        };

        GC.Collect();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        AskFromEveryCore(i => answers[i] = subject.AskAsync(key, load, token));
        for (var i = 0; i < Callers; i++)
        {
            if (await answers[i] != key)
            {
                throw new InvalidOperationException($"{subject.Name} answered with another value.");
            }
        }

        var total = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        return new Outcome(loads, total, total - loadMs, (double)bytes / Callers);
    }

    private static void AskFromEveryCore(Action<int> ask)
    {
        var cores = Environment.ProcessorCount;
        using var together = new Barrier(cores);
        var threads = Enumerable.Range(0, cores).Select(core => new Thread(() =>
        {
            together.SignalAndWait();
            for (var i = core; i < Callers; i += cores)
            {
                ask(i);
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private sealed record Outcome(int Loads, double TotalMs, double BeyondMs, double BytesEach);
}
