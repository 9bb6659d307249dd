namespace Millpond;

/// <summary>What one entry has other than its keyspace.</summary>
public sealed record EntryOptions
{
    /// <summary>How long it is fresh; null for the keyspace's time. Zero keeps nothing; more than 365 days is 365 days.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>It also goes after this long without a read; null for the keyspace's time, zero for never.</summary>
    public TimeSpan? Sliding { get; init; }

    /// <summary>Tags in addition to those the keyspace declares.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>How long this process may hold it without asking the shared tier again; null for as long as it lives.</summary>
    internal TimeSpan? LocalTimeToLive { get; init; }

    /// <summary>What the call may use.</summary>
    internal Reading.TierUse Use { get; init; } = Reading.TierUse.All;
}
