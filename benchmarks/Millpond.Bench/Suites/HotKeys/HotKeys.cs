using System.Diagnostics;
using Millpond.Bench.Harness;
using Millpond.Engines.Live;

namespace Millpond.Bench.Suites.HotKeys;

/// <summary>Half of all reads are for one key, on a cluster of three shards, of keyspaces that keep nothing locally: how soon it is found, and how evenly the shards are loaded then.</summary>
internal sealed class HotKeys : Suite
{
    private const string Sought = "hot keys sought";
    private const string NotSought = "hot keys not sought";
    private const string Even = "read evenly";
    private const string Skewed = "half for one key";

    public override string Name => "hotkeys";

    public override string Question => "half of all reads are for one key: how soon is it found, and what has the busiest of three shards to do?";

    public override IReadOnlyList<string> Tabled => ["busiest shard to mean", "found after", "reads", "time"];

    public override IReadOnlyList<Goal> Goals { get; } =
    [
        new("ms until it is found", new("hotkeys", Skewed, Sought, "found after"), Figure.Value, Bound.AtMost, 1_000),
        new("load of the busiest shard to the mean, then", new("hotkeys", Skewed, Sought, "busiest shard to mean"), Figure.Value, Bound.AtMost, 1.3),
        new("ns to note a read that goes further than this process", new("hotkeys", NoteCost.Case, NoteCost.Distinct, "time"), Figure.Value, Bound.AtMost, 1_000),
    ];

    public override async Task RunAsync(Report report, Effort effort)
    {
        var time = TimeSpan.FromSeconds(effort == Effort.Quick ? 1 : 5);
        NoteCost.Measure(report, Name, effort);
        await using var cluster = await ClusterSet.StartAsync();
        foreach (var (subject, tracked) in new[] { (NotSought, 0), (Sought, 128) })
        {
            await using var traffic = await HotTraffic.StartAsync(cluster, caches: 2, tracked);
            await Task.Delay(TimeSpan.FromSeconds(1));
            await AddAsync(report, traffic, subject, Even, time);
            traffic.Turn(0.5);
            if (tracked > 0)
            {
                var found = await traffic.FoundAsync(TimeSpan.FromSeconds(10));
                report.Add(Name, Skewed, subject, "found after", "ms", Math.Round(found?.TotalMilliseconds ?? double.NaN, 1));
            }

            await Task.Delay(TimeSpan.FromSeconds(0.5));
            await AddAsync(report, traffic, subject, Skewed, time);
        }
    }

    private async Task AddAsync(Report report, HotTraffic traffic, string subject, string @case, TimeSpan time)
    {
        var (reads, watch) = (traffic.Reads, Stopwatch.StartNew());
        var commands = await traffic.CommandsAsync(time);
        report.Add(Name, @case, subject, "reads", "a second", Math.Round((traffic.Reads - reads) / watch.Elapsed.TotalSeconds));
        report.Add(Name, @case, subject, "commands", "a second", Math.Round(commands.Sum() / time.TotalSeconds));
        report.Add(Name, @case, subject, "busiest shard to mean", "x", Math.Round(commands.Max() / commands.Average(), 3));
    }
}
