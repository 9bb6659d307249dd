namespace Millpond.Bench.Harness;

/// <summary>A question about speed or cost, asked of several subjects in one run: only their ratios mean something.</summary>
internal abstract class Suite
{
    public abstract string Name { get; }

    public abstract string Question { get; }

    public abstract Task RunAsync(Report report, Effort effort);
}

/// <summary>How long to look: quick says whether something is badly off, full is what gets written down.</summary>
internal enum Effort
{
    Quick,
    Full,
}
