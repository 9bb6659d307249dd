using Millpond.Bench.Harness;

namespace Millpond.Bench.Suites.Writes;

/// <summary>What write-behind costs and saves beside writing the database directly.</summary>
internal sealed class WriteBehinds : Suite
{
    public const string Directly = "PostgreSQL directly";
    public const string Files = "journal in files";

    public override string Name => "writes";

    public override string Question => "How soon is a write acknowledged, how many a second, and what does the database see of them?";

    public override IReadOnlyList<Goal> Goals =>
    [
        new("journal in files alone, appends/s of 16 writers", new(Name, "journal alone x16", Files, "writes"), Figure.Value, Bound.AtLeast, 80_000),
        new("the same, p99", new(Name, "journal alone x16", Files, "p99"), Figure.Value, Bound.AtMost, 500),
    ];

    public override IReadOnlyList<string> Tabled => ["writes", "p50", "p99", "rows", "increments", "seconds", "row updates", "transactions", "log"];

    public override async Task RunAsync(Report report, Effort effort)
    {
        await AcknowledgedWrites.MeasureAsync(report, Name, effort);
        await FlushedRows.MeasureAsync(report, Name, effort);
        await CountedViews.MeasureAsync(report, Name, effort);
    }
}
