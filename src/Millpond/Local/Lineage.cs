using System.Runtime.CompilerServices;
using Millpond.Partitions;
using Millpond.Shared;

namespace Millpond.Local;

/// <summary>
/// What many entries have in common, so that each need not carry it: where they came from, in which epoch, how long they are kept after they are stale, and the time and sequence
/// from which theirs are counted.
/// </summary>
internal sealed class Lineage
{
    // Entries count their times from here in 32 bits of milliseconds: those of the newest may be up to five weeks long, beside this.
    public static readonly long AgeTicksMax = TimeSpan.FromDays(14).Ticks;

    private readonly long _beganAtMilliseconds;

    /// <summary>Stands for one that a reader does not know: it began after any time there is, so nothing of it is a plain hit.</summary>
    public static Lineage Unknown { get; } = new()
    {
        View = new PartitionView(default),
        Incarnation = default,
        Epoch = int.MinValue,
        Origin = ReadOrigin.Local,
        StaleTicks = 0,
        BeganAt = long.MaxValue,
        BeganAfter = 0,
    };

    public required PartitionView View { get; init; }

    public required Incarnation Incarnation { get; init; }

    public required int Epoch { get; init; }

    public required ReadOrigin Origin { get; init; }

    /// <summary>From the end of freshness to the end of usefulness.</summary>
    public required long StaleTicks { get; init; }

    /// <summary>Ticks of <c>Surroundings.Now</c>, whole milliseconds.</summary>
    public required long BeganAt
    {
        get => _beganAtMilliseconds * TimeSpan.TicksPerMillisecond;
        init => _beganAtMilliseconds = value / TimeSpan.TicksPerMillisecond;
    }

    /// <summary>A sequence no higher than any entry's of the lineage.</summary>
    public required long BeganAfter { get; init; }

    /// <summary>Entries of it that are held. Under the shard's lock.</summary>
    public int Entries { get; set; }

    /// <summary>Whether its number stands in line to be used anew. Under the shard's lock.</summary>
    public bool IsIdle { get; set; }

    public static Lineage For<TValue>(Entry<TValue> entry, long now) => new()
    {
        View = entry.View,
        Incarnation = entry.Incarnation,
        Epoch = entry.Epoch,
        Origin = entry.Origin,
        StaleTicks = entry.HardUntil - entry.FreshUntil,
        BeganAt = now,
        BeganAfter = entry.ValidAsOf - (uint.MaxValue / 2),
    };

    /// <summary>
    /// The comparisons that nearly every hit passes: time, floor, epoch, and whether silence is still no news. An entry without scopes is concerned by its keyspace's floor alone,
    /// so no change of a tag slows its hits down.
    /// </summary>
    /// <param name="quiet">The slot's.</param>
    /// <param name="proven">The slot's.</param>
    /// <param name="now">The time or a little later, in milliseconds.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsPlain(uint quiet, uint proven, long now)
    {
        var view = View;
        return (ulong)(now - _beganAtMilliseconds) < quiet
            && BeganAfter + proven >= view.KeyspaceFloor
            && Epoch == view.Epoch
            && now < view.TrustedUntilMilliseconds;
    }

    /// <summary>Whether the entry can say all it has to by this lineage.</summary>
    public bool IsOf<TValue>(Entry<TValue> entry, long now) =>
        IsOfItsKind(entry)
        && entry.HardUntil - entry.FreshUntil == StaleTicks
        && now - BeganAt < AgeTicksMax
        && entry.ValidAsOf - BeganAfter is >= 0 and <= uint.MaxValue;

    /// <summary>Whether the entry can belong here if it carries its times itself: a sequence below all that can be named would count as proven by what it never saw.</summary>
    public bool CanCarry<TValue>(Entry<TValue> entry) => IsOfItsKind(entry) && entry.ValidAsOf >= BeganAfter;

    /// <summary>Whether the entry came the same way, whatever its times.</summary>
    public bool IsOfItsKind<TValue>(Entry<TValue> entry) =>
        entry.Epoch == Epoch && ReferenceEquals(entry.View, View) && entry.Origin == Origin && entry.Incarnation == Incarnation;

    /// <summary>A sequence as a slot holds it. One that rises past what the lineage can name is held as the highest it can: less than is proven, never more.</summary>
    public uint Proven(long validAsOf) => (uint)Math.Clamp(validAsOf - BeganAfter, 0, uint.MaxValue);

    public long ValidAsOf(uint proven) => BeganAfter + proven;
}
