using Millpond.Partitions;
using Millpond.Shared;

namespace Millpond.Local;

/// <summary>
/// A value held in this process with everything needed to judge it. Times are ticks of <c>Surroundings.Now</c>.
/// </summary>
/// <remarks>
/// Immutable but for the five fields at the end, each of which has one kind of writer and whose races are harmless: they say so.
/// </remarks>
internal sealed class Entry<TValue>
{
    public required TValue? Value { get; init; }

    public required RecordKind Kind { get; init; }

    /// <summary>When the load began; the value was current then. Inherited from the shared tier, never reset (A40).</summary>
    public required long LoadedAt { get; init; }

    /// <summary>When this process asked for it; it may be trusted for two heartbeats from here even if the channel is silent.</summary>
    public required long FetchedAt { get; init; }

    /// <summary>Before this, a hit needs no thought of time.</summary>
    public required long QuietUntil { get; init; }

    public required long FreshUntil { get; init; }

    public required long HardUntil { get; init; }

    public required long LoadTicks { get; init; }

    public required long SlidingTicks { get; init; }

    public required string[] Scopes { get; init; }

    public string? SourceVersion { get; init; }

    /// <summary>Names the fill that stored it in the shared tier; the same nonce is the same value.</summary>
    public required Nonce FilledUnder { get; init; }

    /// <summary>The sequence its loader saw before the load, in <see cref="Incarnation"/>.</summary>
    public required long Stamp { get; init; }

    public required Incarnation Incarnation { get; init; }

    /// <summary>The partition of its key, so that a hit need not find out.</summary>
    public required PartitionView View { get; init; }

    /// <summary>The epoch of the partition's view that it was fetched in.</summary>
    public required int Epoch { get; init; }

    public required ReadOrigin Origin { get; init; }

    public long Bytes { get; set; }

    /// <summary>
    /// The sequence it is proven valid as of. Written by readers that have just compared all its floors: every writer writes a
    /// true statement, and losing one costs a repeated comparison.
    /// </summary>
    public long ValidAsOf { get; set; }

    /// <summary>When a change of its key left it as a stale value; 0 if none did. Written under the key's stripe.</summary>
    public long InvalidatedAt { get; set; }

    /// <summary>For sliding entries, when it goes unless read. Written by every hit; a lost write shortens the idle time by the length of the race.</summary>
    public long IdleUntil { get; set; } = long.MaxValue;

    /// <summary>After a load that failed, when the next one may be tried; until then the stale value is served for as long as its policy allows. Written by the
    /// flight that failed; a lost write costs one more attempt.</summary>
    public long RetryAt { get; set; }

    /// <summary>Whether it may be held here at all; false where each read has to reach the shared tier.</summary>
    public bool IsForKeeping { get; init; } = true;

    /// <summary>Set by every hit and cleared by the evicting hand; a lost write makes one eviction less clever.</summary>
    public bool Visited { get; set; }

    // Links of the local tier's queue, guarded by its lock.
    public Entry<TValue>? Newer { get; set; }

    public Entry<TValue>? Older { get; set; }

    public object? BoxedKey { get; set; }
}
