using Millpond.Bench.Harness;

namespace Millpond.Bench.Suites.Feeds;

/// <summary>What passes between a commit and the moment at which caches let go of what it changed, and how much the feed can bear.</summary>
internal sealed class ChangeFeeds : Suite
{
    public const string Own = "own process";
    public const string Other = "other node";
    public const string Update = "UPDATE";

    public override string Name => "feeds";

    public override string Question => "How soon after a commit do caches let go of what it changed, and how many changes can the feed bear?";

    public override IReadOnlyList<Goal> Goals =>
    [
        new("commit to own local tier, 100 changes/s", new(Name, "100/s", Own, "p50"), Figure.Value, Bound.AtMost, 100),
        new("commit to own local tier, 100 changes/s, p99", new(Name, "100/s", Own, "p99"), Figure.Value, Bound.AtMost, 600),
        new("commit to own local tier, 2,000 changes/s", new(Name, "2000/s", Own, "p50"), Figure.Value, Bound.AtMost, 100),
        new("commit to own local tier, 2,000 changes/s, p99", new(Name, "2000/s", Own, "p99"), Figure.Value, Bound.AtMost, 600),
        new("the same beside the UPDATE", new(Name, "100/s", Own, "p50"), Figure.Ratio, Bound.AtMost, 0.5),
        new("commit to another node's local tier", new(Name, "100/s", Other, "p50"), Figure.Value, Bound.AtMost, 500),
        new("commit to another node's local tier, p99", new(Name, "2000/s", Other, "p99"), Figure.Value, Bound.AtMost, 5_000),
        new("drain, single-row transactions", new(Name, "drain", "shared tier in process", "transactions"), Figure.Value, Bound.AtLeast, 100_000),
        new("drain, rows in batches", new(Name, "drain", "shared tier in process", "rows"), Figure.Value, Bound.AtLeast, 250_000),
        new("others behind 100,000 rows", new(Name, "100,000 rows", Own, "worst"), Figure.Value, Bound.AtMost, 1_000_000),
        new("keys stale when all is quiet", new(Name, "slow loads", "synchronous standby", "stale"), Figure.Value, Bound.AtMost, 0),
    ];

    public override IReadOnlyList<string> Tabled => ["p50", "p99", "worst", "transactions", "rows", "bytes", "writes", "stale"];

    public override async Task RunAsync(Report report, Effort effort)
    {
        foreach (var rate in new[] { 100, 2_000 })
        {
            await FeedLatency.MeasureAsync(report, Name, rate, effort);
        }

        await FeedDrain.MeasureAsync(report, Name, effort);
        await FeedLatency.MeasureBehindManyRowsAsync(report, Name, effort);
        await FeedStaleness.MeasureAsync(report, Name, effort);
    }
}
