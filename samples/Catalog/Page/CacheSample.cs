namespace Catalog.Page;

/// <summary>What Millpond's meter said of one second; counts are per second, durations in milliseconds.</summary>
internal sealed record CacheSample
{
    public required double Local { get; init; }

    public required double Shared { get; init; }

    /// <summary>Of the hits: values past their freshness.</summary>
    public required double Stale { get; init; }

    /// <summary>Of the hits: known absences.</summary>
    public required double Negative { get; init; }

    public required double Misses { get; init; }

    /// <summary>Null when nothing was read through the cache.</summary>
    public required double? HitRatio { get; init; }

    public required Spread? HitTime { get; init; }

    public required Spread? MissTime { get; init; }

    public required double Loads { get; init; }

    public required double LoadFailures { get; init; }

    public required double Coalesced { get; init; }

    /// <summary>The mean time that a coalesced caller waited for another's load.</summary>
    public required double CoalescedWait { get; init; }

    public required double Entries { get; init; }

    public required double Bytes { get; init; }

    /// <summary>The median age in milliseconds of what had to go for want of room, of the keyspace where it is shortest; null if nothing had to.</summary>
    public required double? AgeAtEviction { get; init; }

    public required IReadOnlyDictionary<string, double> Refreshes { get; init; }

    public required IReadOnlyDictionary<string, double> StaleServed { get; init; }

    public required IReadOnlyDictionary<string, double> Evictions { get; init; }

    public required IReadOnlyDictionary<string, double> Changes { get; init; }
}
