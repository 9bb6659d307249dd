using Millpond.Policies;

namespace Millpond.Events;

/// <summary>
/// What a keyspace counts by itself because it happens too often to be reported one by one. Exact; read by the metrics listener and by
/// statistics.
/// </summary>
internal sealed class KeyspaceCounters
{
    private readonly StripedCounter[] _evictions = Make(Enum.GetValues<EvictionCause>().Length);
    private readonly StripedCounter[] _staleServed = Make(Enum.GetValues<StaleReason>().Length);
    private readonly StripedCounter[] _renewals = Make(Enum.GetValues<RefreshCause>().Length);

    public StripedCounter LocalHits { get; } = new();

    public StripedCounter SharedHits { get; } = new();

    public StripedCounter NegativeHits { get; } = new();

    public StripedCounter Misses { get; } = new();

    public StripedCounter Coalesced { get; } = new();

    /// <summary>In ticks of 100 ns.</summary>
    public StripedCounter CoalescedWait { get; } = new();

    public void Evicted(EvictionCause cause) => _evictions[(int)cause].Add();

    public long Evictions(EvictionCause cause) => _evictions[(int)cause].Value;

    public void ServedStale(StaleReason reason) => _staleServed[(int)reason].Add();

    public long StaleServed(StaleReason reason) => _staleServed[(int)reason].Value;

    public void Renewed(RefreshCause cause) => _renewals[(int)cause].Add();

    public long Renewals(RefreshCause cause) => _renewals[(int)cause].Value;

    private static StripedCounter[] Make(int count) => [.. Enumerable.Range(0, count).Select(_ => new StripedCounter())];
}
