using Millpond.Policies;

namespace Millpond.Events;

/// <summary>
/// What a keyspace counts by itself because it happens too often to be reported one by one. Exact; read by the metrics listener and by
/// statistics.
/// </summary>
internal sealed class KeyspaceCounters
{
    private readonly StripedCounter[] _sharedHits = Make(4);
    private readonly StripedCounter[] _evictions = Make(Enum.GetValues<EvictionCause>().Length);
    private readonly StripedCounter[] _staleServed = Make(Enum.GetValues<StaleReason>().Length);
    private readonly StripedCounter[] _renewals = Make(Enum.GetValues<RefreshCause>().Length);

    /// <summary>Reads that began a flight, because this process held nothing for them.</summary>
    public StripedCounter Misses { get; } = new();

    /// <summary>Those flights that the shared tier did not end either. Not counted where it holds no values.</summary>
    public StripedCounter SharedMisses { get; } = new();

    /// <summary>Keys that were copied from a warm side instead of loaded.</summary>
    public StripedCounter Copied { get; } = new();

    /// <summary>Calls of loaders.</summary>
    public StripedCounter Loads { get; } = new();

    /// <summary>Calls of writers that said what became of the write.</summary>
    public StripedCounter Writes { get; } = new();

    /// <summary>Those that threw, or were late.</summary>
    public StripedCounter WriteFailures { get; } = new();

    /// <summary>Reads that joined another caller's flight.</summary>
    public StripedCounter Coalesced { get; } = new();

    /// <summary>Flights that waited because a hot key is asked for only so often.</summary>
    public StripedCounter Paced { get; } = new();

    /// <summary>In ticks of 100 ns.</summary>
    public StripedCounter CoalescedWait { get; } = new();

    /// <summary>Reads served from this process.</summary>
    public HitCounter LocalHits { get; } = new();

    /// <summary>A read served from this process, or a flight ended by the shared tier.</summary>
    public void Hit(ReadOrigin tier, bool negative, bool stale)
    {
        var kind = HitCounter.KindOf(negative, stale);
        if (tier == ReadOrigin.Shared)
        {
            _sharedHits[kind].Add();
        }
        else
        {
            HitCounter.Add(LocalHits.Mine, kind);
        }
    }

    public long Hits(ReadOrigin tier, bool negative, bool stale) =>
        HitCounter.KindOf(negative, stale) is var kind && tier == ReadOrigin.Shared ? _sharedHits[kind].Value : LocalHits.Sum(kind);

    public void Evicted(EvictionCause cause) => _evictions[(int)cause].Add();

    public long Evictions(EvictionCause cause) => _evictions[(int)cause].Value;

    public void ServedStale(StaleReason reason, int callers = 1) => _staleServed[(int)reason].Add(callers);

    public long StaleServed(StaleReason reason) => _staleServed[(int)reason].Value;

    public void Renewed(RefreshCause cause) => _renewals[(int)cause].Add();

    public long Renewals(RefreshCause cause) => _renewals[(int)cause].Value;

    private static StripedCounter[] Make(int count) => [.. Enumerable.Range(0, count).Select(_ => new StripedCounter())];
}
