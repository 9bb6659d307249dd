namespace Millpond;

/// <summary>What one entry has other than its keyspace.</summary>
public sealed record EntryOptions
{
    /// <summary>How long it is fresh; null for the keyspace's time.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>It also goes after this long without a read; null for the keyspace's time.</summary>
    public TimeSpan? Sliding { get; init; }

    /// <summary>Tags in addition to those the keyspace declares.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}
