using Millpond.Feeds;

namespace Millpond.Debezium.Envelopes;

/// <summary>What a message is.</summary>
internal enum DebeziumKind
{
    /// <summary>A row changed.</summary>
    Row,

    /// <summary>A row was read while Debezium read its whole table, which says nothing of what changed.</summary>
    Read,

    /// <summary>All rows of tables are gone.</summary>
    Truncate,

    /// <summary>Nothing that concerns rows: a tombstone, a sign of life, a transaction's begin or end, a change of a schema.</summary>
    Nothing,

    /// <summary>It could not be understood.</summary>
    Refused,

    /// <summary>No message, but what is known of messages that are gone.</summary>
    Lost,
}

/// <summary>A message of Debezium's, understood as far as it can be.</summary>
internal sealed record DebeziumEvent
{
    public required DebeziumKind Kind { get; init; }

    /// <summary>What happened, where a row changed.</summary>
    public RowChangeKind Change { get; init; }

    public RowValues? Old { get; init; }

    public RowValues? New { get; init; }

    public DebeziumSource Source { get; init; } = DebeziumSource.Unknown;

    /// <summary>Which tables it may be about, as any rule could name each: of one table all its names, the most particular first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Tables { get; init; } = [];

    /// <summary>Why it is refused, or why it is nothing; never a value of a row.</summary>
    public string Why { get; init; } = "";

    public static DebeziumEvent Nothing(string why) => new() { Kind = DebeziumKind.Nothing, Why = why };

    public static DebeziumEvent Refused(string why, DebeziumSource? source = null) =>
        new() { Kind = DebeziumKind.Refused, Why = why, Source = source ?? DebeziumSource.Unknown, Tables = source is { Names.Count: > 0 } ? [source.Names] : [] };
}

/// <summary>Where a change comes from.</summary>
/// <param name="Connector">Which kind of database: <c>postgresql</c>, <c>mysql</c>, <c>sqlserver</c>, <c>mongodb</c>, ...; empty if it is not said.</param>
/// <param name="Names">The table's names.</param>
/// <param name="TransactionId">PostgreSQL's number of the transaction; null if there is none.</param>
/// <param name="At">When the database made the change, by its clock.</param>
/// <param name="Snapshot">How it stands with a snapshot: null or empty if it is none.</param>
internal sealed record DebeziumSource(string Connector, IReadOnlyList<string> Names, uint? TransactionId, DateTimeOffset? At, string? Snapshot)
{
    public static DebeziumSource Unknown { get; } = new("", [], null, null, null);

    public bool IsPostgres => Connector == "postgresql";

    public bool IsMongo => Connector == "mongodb";
}
