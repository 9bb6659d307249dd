namespace Millpond;

/// <summary>What a cache has counted since it was built, and how it stands; the same figures that its meter shows. Each figure is exact; figures read while the cache works
/// are not of one instant.</summary>
public sealed record CacheStatistics
{
    /// <summary>The cache's name.</summary>
    public required string Cache { get; init; }

    /// <summary>What they may hold in this process at present, in bytes: what is configured, or less while memory is short.</summary>
    public required long LocalBytesMax { get; init; }

    /// <summary>Its keyspaces, the one for ad-hoc use included.</summary>
    public required IReadOnlyList<KeyspaceStatistics> Keyspaces { get; init; }

    /// <summary>The sources that its keyspaces name, as their guards see them.</summary>
    public IReadOnlyList<SourceStatistics> Sources { get; init; } = [];

    /// <summary>Its change feeds.</summary>
    public IReadOnlyList<FeedStatistics> Feeds { get; init; } = [];

    /// <summary>What the auditor has found, by keyspace; those that it has not looked at are not in it.</summary>
    public IReadOnlyList<AuditStatistics> Audits { get; init; } = [];

    /// <summary>Its keyspaces and counters that write behind.</summary>
    public IReadOnlyList<WriteBehindStatistics> WriteBehind { get; init; } = [];
}

/// <summary>What one keyspace has counted, and how it stands. Every read that was served is one of <see cref="LocalHits"/>, <see cref="Misses"/> and <see cref="Coalesced"/>.</summary>
public sealed record KeyspaceStatistics
{
    /// <summary>The keyspace's name.</summary>
    public required string Name { get; init; }

    /// <summary>Reads served from this process.</summary>
    public required long LocalHits { get; init; }

    /// <summary>Misses of this process that the shared tier answered.</summary>
    public required long SharedHits { get; init; }

    /// <summary>Those of the local hits that said that there is no such thing.</summary>
    public required long NegativeHits { get; init; }

    /// <summary>Reads of which this process held nothing to serve, and which began to look further.</summary>
    public required long Misses { get; init; }

    /// <summary>Reads that waited for what another caller had begun.</summary>
    public required long Coalesced { get; init; }

    /// <summary>The time spent in such waits, all callers added up.</summary>
    public required TimeSpan CoalescedWait { get; init; }

    /// <summary>Keys that were copied from a warm side (<see cref="MillpondBuilder.FillFrom"/>) instead of loaded.</summary>
    public required long Copied { get; init; }

    /// <summary>Calls of the loader.</summary>
    public required long Loads { get; init; }

    /// <summary>Writes by the keyspace's writer that it said the outcome of.</summary>
    public required long Writes { get; init; }

    /// <summary>Writes that threw or were late, so that their outcome was unknown.</summary>
    public required long WriteFailures { get; init; }

    /// <summary>Reads that were given a stale value, by <see cref="StaleReason"/>.</summary>
    public required IReadOnlyDictionary<StaleReason, long> StaleServed { get; init; }

    /// <summary>Entries that left this process, by cause: <c>capacity</c>, <c>expired</c>, <c>invalidated</c>, <c>replaced</c>.</summary>
    public required IReadOnlyDictionary<string, long> Evictions { get; init; }

    /// <summary>Renewals in the background, by cause: <c>ahead</c>, <c>early</c>, <c>stale</c>.</summary>
    public required IReadOnlyDictionary<string, long> Refreshes { get; init; }

    /// <summary>Entries held in this process now.</summary>
    public required int LocalEntries { get; init; }

    /// <summary>What they weigh, in bytes.</summary>
    public required long LocalBytes { get; init; }

    /// <summary>The age that half of the entries had not reached when they had to go for want of room; null if none had to. Seconds where minutes are meant say that the budget is
    /// small for what is asked of it.</summary>
    public required TimeSpan? AgeAtEviction { get; init; }

    /// <summary>Keys that are hot at present; <see cref="ICache.HotKeys"/> names them.</summary>
    public required int HotKeys { get; init; }

    /// <summary>The share of the reads in this process that is for them, from 0 to 1.</summary>
    public required double HotKeysShare { get; init; }

    /// <summary>What the busiest partition of the shared tier was asked by this process in the last second, to the mean of all; 0 if there is one, or too little to tell.</summary>
    public required double SharedSkew { get; init; }

    /// <summary>Changes that the shared tier has not been told yet.</summary>
    public required int DeferredChanges { get; init; }

    /// <summary>How the breaker of the shared tier stands: the worst of the keyspace's partitions.</summary>
    public required Overload.BreakerState SharedBreaker { get; init; }

    /// <summary>Its warm-up; null if none is declared.</summary>
    public required WarmUpStatistics? WarmUp { get; init; }

    /// <summary>Whether what is held counts as proven; false while the push channel is silent.</summary>
    public required bool IsTrusted { get; init; }

    internal static KeyspaceStatistics Of(IKeyspaceHandle keyspace)
    {
        var counters = keyspace.Counters;
        var (hotKeys, hotShare) = keyspace.HotKeysNow;
        return new()
        {
            Name = keyspace.Name,
            LocalHits = Hits(ReadOrigin.Local, negative: false) + Hits(ReadOrigin.Local, negative: true),
            SharedHits = Hits(ReadOrigin.Shared, negative: false) + Hits(ReadOrigin.Shared, negative: true),
            NegativeHits = Hits(ReadOrigin.Local, negative: true),
            Misses = counters.Misses.Value,
            Coalesced = counters.Coalesced.Value,
            CoalescedWait = TimeSpan.FromTicks(counters.CoalescedWait.Value),
            Copied = counters.Copied.Value,
            Loads = counters.Loads.Value,
            Writes = counters.Writes.Value,
            WriteFailures = counters.WriteFailures.Value,
            StaleServed = Enum.GetValues<StaleReason>().Where(reason => reason != StaleReason.None).ToDictionary(reason => reason, counters.StaleServed),
            Evictions = Enum.GetValues<Events.EvictionCause>().ToDictionary(Telemetry.TagNames.Snake, counters.Evictions),
            Refreshes = Enum.GetValues<Policies.RefreshCause>().Where(cause => cause != Policies.RefreshCause.None).ToDictionary(Telemetry.TagNames.Snake, counters.Renewals),
            LocalEntries = keyspace.Entries,
            LocalBytes = keyspace.Bytes,
            AgeAtEviction = keyspace.AgeAtEviction,
            HotKeys = hotKeys,
            HotKeysShare = hotShare,
            SharedSkew = keyspace.SharedSkew,
            DeferredChanges = keyspace.DeferredChanges,
            SharedBreaker = keyspace.Guards.Count == 0 ? Overload.BreakerState.Closed : keyspace.Guards.Max(guard => guard.State),
            WarmUp = keyspace.WarmUp?.Statistics,
            IsTrusted = keyspace.IsTrusted,
        };

        long Hits(ReadOrigin tier, bool negative) => counters.Hits(tier, negative, stale: false) + counters.Hits(tier, negative, stale: true);
    }
}
