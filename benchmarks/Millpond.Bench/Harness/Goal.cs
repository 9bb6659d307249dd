namespace Millpond.Bench.Harness;

/// <summary>What a figure has to reach. Whether it does is told with the figures; it fails nothing, because a busy machine is no defect.</summary>
/// <param name="What">In words.</param>
/// <param name="Of">The row it is about.</param>
/// <param name="Figure">Which of the row's figures.</param>
/// <param name="Bound">On which side.</param>
/// <param name="Limit">The limit.</param>
internal sealed record Goal(string What, RowName Of, Figure Figure, Bound Bound, double Limit)
{
    /// <summary>What was reached; null if the row was not measured.</summary>
    public double? Reached(IReadOnlyList<Row> rows) =>
        rows.FirstOrDefault(row => row.Suite == Of.Suite && row.Case == Of.Case && row.Subject == Of.Subject && row.Metric == Of.Metric) is { } found
            ? Figure == Figure.Ratio ? found.Ratio : found.Value
            : null;

    public bool IsMetBy(double reached) => Bound == Bound.AtMost ? reached <= Limit : reached >= Limit;
}

/// <summary>Names a row of the report.</summary>
internal sealed record RowName(string Suite, string Case, string Subject, string Metric);

/// <summary>One of a row's figures: the value itself, or how it compares with the baseline.</summary>
internal enum Figure
{
    Value,
    Ratio,
}

/// <summary>The side on which the good figures are.</summary>
internal enum Bound
{
    AtMost,
    AtLeast,
}
