namespace Millpond.Bench.Harness;

/// <summary>A question about speed or cost, asked of several subjects in one run: only their ratios mean something.</summary>
internal abstract class Suite
{
    public abstract string Name { get; }

    public abstract string Question { get; }

    /// <summary>What its figures have to reach.</summary>
    public virtual IReadOnlyList<Goal> Goals => [];

    /// <summary>The metrics that are shown as tables, besides all figures as JSON.</summary>
    public virtual IReadOnlyList<string> Tabled => [];

    /// <summary>A drawing of what was found, in SVG, written beside the figures; null for none.</summary>
    public virtual string? Plot => null;

    public abstract Task RunAsync(Report report, Effort effort);
}

/// <summary>How long to look: quick says whether something is badly off, full is what gets written down.</summary>
internal enum Effort
{
    Quick,
    Full,
}
