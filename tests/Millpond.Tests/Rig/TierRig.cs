using Millpond.Events;
using Millpond.Local;
using Millpond.Partitions;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Tests.Rig;

/// <summary>A local tier by itself, with a clock that stands where it is put, and entries for it.</summary>
internal sealed class TierRig<TKey, TValue>
    where TKey : notnull
{
    private long _now = TimeSpan.FromHours(1).Ticks;

    public TierRig(long bytesMax)
    {
        Budget.Resize(bytesMax);
        View = NewView();
        Tier = new LocalTier<TKey, TValue>(Budget, Counters, new Surroundings(new TicksTime(() => Volatile.Read(ref _now))), long.MaxValue, slidesHere: true);
        Tier.Limit(0, long.MaxValue);
    }

    public LocalBudget Budget { get; } = new();

    public KeyspaceCounters Counters { get; } = new();

    public PartitionView View { get; }

    public LocalTier<TKey, TValue> Tier { get; }

    public long Now
    {
        get => Volatile.Read(ref _now);
        set => Volatile.Write(ref _now, value);
    }

    public long NowMilliseconds => Now / TimeSpan.TicksPerMillisecond;

    /// <summary>A view whose channel speaks for as long as any test lasts.</summary>
    public static PartitionView NewView()
    {
        var view = new PartitionView(new PartitionId("k", 0));
        view.TrustUntilNeedsGate(TimeSpan.FromDays(10_000).Ticks);
        return view;
    }

    public Entry<TValue> Entry(TValue value, long bytes = 100, long liveTicks = TimeSpan.TicksPerDay) =>
        Slotted.Entry(View, value, Now, liveTicks) is var entry && (entry.Bytes = bytes) > 0 ? entry : throw new ArgumentOutOfRangeException(nameof(bytes));
}

/// <summary>Looks into a local tier.</summary>
internal static class TierLooks
{
    /// <summary>What is held for a key; null if nothing is.</summary>
    public static Entry<TValue>? Held<TKey, TValue>(this LocalTier<TKey, TValue> tier, TKey key)
        where TKey : notnull => tier.TryGet(key, out var entry) ? entry : null;
}

/// <summary>Entries for slots.</summary>
internal static class Slotted
{
    /// <summary>A plain one, loaded now and useful for so long.</summary>
    public static Entry<TValue> Entry<TValue>(
        PartitionView view, TValue value, long now, long liveTicks = TimeSpan.TicksPerDay, long staleTicks = 0, long validAsOf = 0, int epoch = 0) => new()
    {
        Value = value,
        Kind = RecordKind.Value,
        LoadedAt = now,
        FetchedAt = now,
        QuietUntil = now + liveTicks,
        FreshUntil = now + liveTicks,
        HardUntil = now + liveTicks + staleTicks,
        LoadTicks = 0,
        SlidingTicks = 0,
        Scopes = [],
        FilledUnder = Nonce.None,
        Stamp = validAsOf,
        ValidAsOf = validAsOf,
        Incarnation = Incarnation.Unknown,
        View = view,
        Epoch = epoch,
        Origin = ReadOrigin.Source,
        Bytes = 100,
    };
}
