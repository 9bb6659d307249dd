namespace Millpond.Debezium;

/// <summary>How what Debezium tells is read and applied.</summary>
public record DebeziumOptions
{
    /// <summary>What stands for a large value that did not change, as Debezium's <c>unavailable.value.placeholder</c>. Default: Debezium's own.</summary>
    public string UnavailableValue { get; init; } = "__debezium_unavailable_value";

    /// <summary>The primary key's columns by table, for messages that come without their keys, as they do by HTTP, and whose rows come without the values from before. Default: none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> KeyColumns { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>
    /// Asks the PostgreSQL server that loads read from what they can see: the text of <c>select pg_current_snapshot()</c>. Changes of PostgreSQL are then applied again as soon as loads are certain to show them. Default: none, so they are
    /// applied again after <see cref="AppliedAgainAfter"/>.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? PostgresSnapshot { get; init; }

    /// <summary>
    /// After how long a change is applied again, because a database may tell of it before it shows it to every read: as long as a commit may wait for a replica's word. Not used for SQL Server and MongoDB, which tell of what is visible. Default 500 milliseconds; from
    /// zero, which is never, to 1 minute.
    /// </summary>
    public TimeSpan AppliedAgainAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The bytes of a message, past which it is not read and makes everything that the feed follows doubtful. Default 8 MiB; from 1 KiB to 256 MiB.</summary>
    public int MessageBytesMax { get; init; } = 8 * 1024 * 1024;

    internal virtual void Check(string feed, ICollection<string> faults)
    {
        var place = $"change feed '{feed}'";
        if (UnavailableValue.Length < 8)
        {
            faults.Add($"{place} has an {nameof(UnavailableValue)} of {UnavailableValue.Length} characters; give 8 or more, so that no value is taken for it.");
        }

        if (AppliedAgainAfter < TimeSpan.Zero || AppliedAgainAfter > TimeSpan.FromMinutes(1))
        {
            faults.Add($"{place} has {nameof(AppliedAgainAfter)} {AppliedAgainAfter}; give zero to 1 minute.");
        }

        if (MessageBytesMax is < 1024 or > 256 * 1024 * 1024)
        {
            faults.Add($"{place} has {nameof(MessageBytesMax)} {MessageBytesMax}; give 1,024 to 268,435,456.");
        }
    }
}
