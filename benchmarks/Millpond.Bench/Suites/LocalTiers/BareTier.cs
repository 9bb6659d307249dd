using Millpond.Events;
using Millpond.Local;
using Millpond.Partitions;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>
/// The local tier without a keyspace around it: entries with a time to live each, of a partition whose channel is trusted for ever.
/// </summary>
internal sealed class BareTier<TKey>
    where TKey : notnull
{
    private static readonly long TimeToLive = TimeSpan.FromHours(1).Ticks;
    private readonly PartitionView _view = new(new PartitionId("bench", 0));

    /// <param name="bytesMax">Its budget.</param>
    public BareTier(long bytesMax)
    {
        var budget = new LocalBudget();
        budget.Resize(bytesMax);
        lock (_view.Gate)
        {
            _view.BeginEpochNeedsGate(new PartitionState(new Incarnation(1, 1), 1, 0), FloorTable.Empty, Surroundings.Real.Now);
            _view.TrustUntilNeedsGate(long.MaxValue);
        }

        Tier = new LocalTier<TKey, byte[]>(budget, new KeyspaceCounters(), Surroundings.Real, long.MaxValue, slidesHere: false);
    }

    public LocalTier<TKey, byte[]> Tier { get; }

    /// <summary>What an entry weighs, as a keyspace would have it.</summary>
    public static long Weight(TKey key, byte[] value) => LocalTier<TKey, byte[]>.OverheadBytes + SizeEstimator<TKey>.Bytes(key) + SizeEstimator<byte[]>.Bytes(value);

    public void Set(TKey key, byte[] value)
    {
        var now = Surroundings.Real.Now;
        Tier.Set(key, new Entry<byte[]>
        {
            Value = value,
            Kind = RecordKind.Value,
            LoadedAt = now,
            FetchedAt = now,
            QuietUntil = now + TimeToLive,
            FreshUntil = now + TimeToLive,
            HardUntil = now + TimeToLive,
            LoadTicks = 0,
            SlidingTicks = 0,
            Scopes = [],
            Stamp = _view.Sequence,
            ValidAsOf = _view.Sequence,
            Incarnation = _view.Incarnation,
            View = _view,
            Epoch = _view.Epoch,
            Origin = ReadOrigin.Source,
            Bytes = Weight(key, value),
        });
    }
}
