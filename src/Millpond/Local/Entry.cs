using Millpond.Partitions;
using Millpond.Shared;

namespace Millpond.Local;

/// <summary>
/// A value with everything needed to judge it: as it was loaded, fetched or set, or as it was found in the local tier, which holds it in another shape. Times are ticks of
/// <c>Surroundings.Now</c>.
/// </summary>
/// <remarks>
/// One found in the local tier is a picture of the moment. What changes about the held one is told to the tier; the fields that can be set here have one owner, the road that has
/// just made or found the entry.
/// </remarks>
internal sealed class Entry<TValue>
{
    public required TValue? Value { get; init; }

    public required RecordKind Kind { get; init; }

    /// <summary>When the load began; the value was current then. Inherited from the shared tier, never reset (A40).</summary>
    public required long LoadedAt { get; init; }

    /// <summary>When this process asked for it; it may be trusted for two heartbeats from here even if the channel is silent. The local tier forgets it for an entry that
    /// was stored while the channel spoke, and puts the earlier <see cref="LoadedAt"/> in its place.</summary>
    public required long FetchedAt { get; init; }

    /// <summary>Before this, a hit needs no thought of time.</summary>
    public required long QuietUntil { get; init; }

    public required long FreshUntil { get; init; }

    public required long HardUntil { get; init; }

    public required long LoadTicks { get; init; }

    /// <summary>When its load had ended at the latest. The local tier keeps times a little too early, never by more than is added here: milliseconds, and a part in two thousand of what is long.</summary>
    public long LoadEndedBy => LoadedAt + LoadTicks + (2 * TimeSpan.TicksPerMillisecond) + ((LoadTicks + Math.Max(0, FreshUntil - QuietUntil)) / 1_000);

    public required long SlidingTicks { get; init; }

    public required string[] Scopes { get; init; }

    public string? SourceVersion { get; init; }

    /// <summary>Names the fill that stores it in the shared tier. Not known of an entry found in the local tier.</summary>
    public Nonce FilledUnder { get; init; }

    /// <summary>A part of the nonce it was filled under: two entries with different marks are two values; with the same mark most likely one. 0: it was never filled.</summary>
    public ushort FilledMark { get; init; }

    /// <summary>The sequence its loader saw before the load. Of an entry found in the local tier: <see cref="ValidAsOf"/>.</summary>
    public required long Stamp { get; init; }

    /// <summary>The life of the shared tier that <see cref="ValidAsOf"/> belongs to.</summary>
    public required Incarnation Incarnation { get; init; }

    /// <summary>The partition of its key, so that a hit need not find out.</summary>
    public required PartitionView View { get; init; }

    /// <summary>The epoch of the partition's view that it was fetched in.</summary>
    public required int Epoch { get; init; }

    public required ReadOrigin Origin { get; init; }

    public long Bytes { get; set; }

    /// <summary>The sequence it is proven valid as of: that of its load, or a later one, once its floors have been compared.</summary>
    public long ValidAsOf { get; set; }

    /// <summary>When a change of its key left it as a stale value; 0 if none did.</summary>
    public long InvalidatedAt { get; set; }

    /// <summary>For sliding entries, when it goes unless read.</summary>
    public long IdleUntil { get; init; } = long.MaxValue;

    /// <summary>After a load that failed, when the next one may be tried; until then the stale value is served for as long as its policy allows.</summary>
    public long RetryAt { get; set; }

    /// <summary>Whether it may be held here at all; false where each read has to reach the shared tier.</summary>
    public bool IsForKeeping { get; init; } = true;

    /// <summary>Whether its times were too long or too odd for a slot of the local tier.</summary>
    public bool IsWide { get; init; }

    /// <summary>Where it was found in the local tier; nowhere if it was not.</summary>
    public SlotPlace Place { get; set; } = SlotPlace.Nowhere;
}

/// <summary>A slot and what was in it at the time.</summary>
/// <param name="Owner">Whose slot it is; another one after everything was cleared, when slots and versions begin anew.</param>
/// <param name="Slot">The number; -1 for none.</param>
/// <param name="Version">The version; another one is another entry.</param>
internal readonly record struct SlotPlace(object? Owner, int Slot, uint Version)
{
    public static SlotPlace Nowhere => new(null, -1, 0);
}
