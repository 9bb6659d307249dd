namespace Millpond.Feeds;

/// <summary>What happened to a row.</summary>
public enum RowChangeKind
{
    /// <summary>It is new: <see cref="RowChange.New"/> is given.</summary>
    Insert,

    /// <summary>It changed: both are given, as far as the source tells the old values.</summary>
    Update,

    /// <summary>It is gone: <see cref="RowChange.Old"/> is given.</summary>
    Delete,

    /// <summary>All rows of the table are gone; no values are given.</summary>
    Truncate,
}

/// <summary>The change of one row, or a truncate.</summary>
/// <param name="Table">The table as <see cref="FeedTable.Name"/> has it.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Old">The values before, as far as the source tells them.</param>
/// <param name="New">The values after.</param>
public readonly record struct RowChange(string Table, RowChangeKind Kind, RowValues? Old, RowValues? New);
