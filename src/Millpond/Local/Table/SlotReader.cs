using System.Numerics;
using System.Runtime.CompilerServices;

namespace Millpond.Local;

/// <summary>
/// Finds entries in a shard without its lock. What is read of a slot is believed only if the slot's version was even and the same before and after. A key of several words is
/// compared after that, so that no equality of the application ever sees one that is half one and half another; a reference is whole at any time.
/// </summary>
/// <remarks>
/// <para>
/// A look-up that finds nothing while an entry is being written over, or finds what is being removed, began before that ended: it has happened before it, as far as anyone can
/// tell. Nothing ever moves within a table, so what stays is never missed.
/// </para>
/// <para>
/// The plain hit is flat, with the rarer cases out of line, because this is the path that everything else is there for.
/// </para>
/// </remarks>
internal sealed unsafe class SlotReader<TKey, TValue>(SlotTable table, EntrySlots<TKey, TValue> entries, bool slidesHere)
    where TKey : notnull
{
    public const int None = -1;

    /// <summary>There may be one, but it was being written to: look under the lock.</summary>
    public const int Unsure = -2;

    private readonly SlotTable _table = table;

    // The table's, kept here to save a hit a step.
    private readonly uint* _first = table.First;
    private readonly uint _groups = table.Groups;
    private readonly Slot<TKey, TValue>[][] _chunks = entries.Store.Chunks;

    // The only chunk, if it is: then a hit need not ask which.
    private readonly Slot<TKey, TValue>[]? _only = entries.Store.Chunks is [var only] ? only : null;
    private readonly Lineage?[] _lineages = entries.Lineages.All;

    // A cell may name a slot that was added since. Its entry came after this reader, so it need not be found; none of the cells' slots that are known can go.
    private readonly int _known = entries.Store.Allocated;

    /// <summary>Whether this reads all that there is; if not, another reader is due.</summary>
    public bool IsUpToDate(SlotTable table) => ReferenceEquals(table, _table) && ReferenceEquals(entries.Store.Chunks, _chunks) && ReferenceEquals(entries.Lineages.All, _lineages);

    /// <summary>The plain hit. None also where more than a glance is needed to say whether it is one.</summary>
    /// <param name="asked">The key, or its characters.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="now">The time or a little later, in milliseconds.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Hit<TValue> TryHit<TAsked>(TAsked asked, uint hash, long now)
        where TAsked : struct, IAsked<TKey>, allows ref struct
    {
        // Where most entries are that have room; comparing all cells at once takes longer than guessing right.
        var cell = Volatile.Read(ref _first[((nuint)(((ulong)hash * _groups) >> 32) * SlotTable.CellsPerGroup) + SlotTable.FirstChoice(hash)]);
        return SlotTable.Matches(cell, SlotTable.Tag(hash)) && Glance(asked, SlotTable.SlotOf(cell), hash, now) is { Flags: not SlotFlags.None } hit ? hit : TryHitElsewhere(asked, hash, now);
    }

    /// <summary>The key of the first entry from a share of the slots on, within so many of them; false if there is none.</summary>
    public bool TryKeyFrom(double share, int slotsMax, out TKey? key)
    {
        var known = Math.Min(_known, entries.Store.Used);
        var (first, found) = ((int)(share * known), false);
        key = default;
        for (var n = 0; n < Math.Min(slotsMax, known) && !found; n++)
        {
            found = entries.Read((first + n) % known, out key) is not null;
        }

        return found;
    }

    /// <summary>Counts a visit of what is held for a key, by a reader who was served more carefully than a plain hit.</summary>
    public void Touch(TKey key, uint hash, long now)
    {
        var number = Find(key, hash);
        if (number >= 0)
        {
            ref var slot = ref At(number);
            var version = Volatile.Read(ref slot.Version);
            slot.Heat = 1;

            // Looked at once more, now that the version is known: the slot may have gone to an entry whose time is not to begin anew.
            if ((slot.Flags & SlotFlags.Slides) != 0 && Is(number, key, hash) == number)
            {
                TrySlide(ref slot, number, version, now);
            }
        }
    }

    /// <summary>Keeps what is held of a key from eviction until it has been passed over so many times; what was read amiss protects a neighbour.</summary>
    public void Protect(TKey key, uint hash)
    {
        var number = Find(key, hash);
        if (number >= 0)
        {
            At(number).Heat = byte.MaxValue;
        }
    }

    /// <summary>The slot of a key, or <see cref="None"/>, or <see cref="Unsure"/>; never unsure under the shard's lock.</summary>
    public int Find(TKey key, uint hash)
    {
        var (table, otherwise) = (_table, None);
        var group = table.HomeOf(hash);
        for (var n = 0; n < SlotTable.GroupsPerProbe; n++)
        {
            ref var cells = ref table.GroupAt(group);
            for (var matches = SlotTable.Match(ref cells, SlotTable.Tag(hash)); matches != 0; matches &= matches - 1)
            {
                var number = SlotTable.SlotIn(ref cells, BitOperations.TrailingZeroCount(matches));
                var found = (uint)number >= (uint)_known ? None : Is(number, key, hash);
                if (found >= 0)
                {
                    return found;
                }

                otherwise = Math.Min(otherwise, found);
            }

            if (!SlotTable.HasPassedOn(ref cells))
            {
                break;
            }

            group = group + 1 == table.Groups ? 0 : group + 1;
        }

        return otherwise;
    }

    /// <summary>What is held for a key, in full; null if nothing is or if that is not certain.</summary>
    public Entry<TValue>? Read(TKey key, uint hash, out bool isCertain)
    {
        var number = Find(key, hash);
        isCertain = number == None;
        if (number < 0 || entries.Read(number, out var held) is not { } entry || !AreEqual(held, key))
        {
            return null;
        }

        isCertain = true;
        return entry;
    }

    /// <summary>Where what is held for a key is; nowhere if nothing is, or if that is not certain.</summary>
    public SlotPlace PlaceOf(TKey key, uint hash, out bool isCertain)
    {
        var number = Find(key, hash);
        isCertain = number == None;
        if (number < 0)
        {
            return SlotPlace.Nowhere;
        }

        // Looked at once more, now that the version is known: the slot may have gone to another entry.
        var version = Volatile.Read(ref At(number).Version);
        isCertain = Is(number, key, hash) == number && At(number).Version == version;
        return isCertain ? new(entries, number, version) : SlotPlace.Nowhere;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Hit<TValue> TryHitElsewhere<TAsked>(TAsked asked, uint hash, long now)
        where TAsked : struct, IAsked<TKey>, allows ref struct
    {
        var group = (uint)(((ulong)hash * _groups) >> 32);
        for (var n = 0; n < SlotTable.GroupsPerProbe; n++)
        {
            ref var cells = ref _first[(nuint)group * SlotTable.CellsPerGroup];
            for (var matches = SlotTable.Match(ref cells, SlotTable.Tag(hash)); matches != 0; matches &= matches - 1)
            {
                if (Glance(asked, SlotTable.SlotIn(ref cells, BitOperations.TrailingZeroCount(matches)), hash, now) is { Flags: not SlotFlags.None } hit)
                {
                    return hit;
                }
            }

            if (!SlotTable.HasPassedOn(ref cells))
            {
                break;
            }

            group = group + 1 == _groups ? 0 : group + 1;
        }

        return default;
    }

    /// <summary>The plain hit, if a slot holds it. The value is read last, so that it need not be kept anywhere meanwhile: whoever waits for it waits for nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Hit<TValue> Glance<TAsked>(TAsked asked, int number, uint hash, long now)
        where TAsked : struct, IAsked<TKey>, allows ref struct
    {
        if ((uint)number >= (uint)_known)
        {
            return default;
        }

        ref var slot = ref At(number);
        var version = Volatile.Read(ref slot.Version);

        // A reference is read whole, so its key may be compared at once. A larger one waits for the second look.
        var held = slot.Key;
        if (slot.Hash != hash || (version & 1) != 0 || (!typeof(TKey).IsValueType && !asked.Is(held)))
        {
            return default;
        }

        // Whatever a slot is caught with, its lineage is one that there has been.
        var (flags, lineage) = (slot.Flags, Lineages.Known(_lineages, slot.Lineage));
        if (!lineage.IsPlain(slot.Quiet, slot.Proven, now))
        {
            return default;
        }

        if ((flags & SlotFlags.NeedsCare) != 0)
        {
            return GlanceWithCare(asked, number, version, now);
        }

        var value = slot.Value;
        Volatile.ReadBarrier();
        if (slot.Version != version || (typeof(TKey).IsValueType && !asked.Is(held)))
        {
            return default;
        }

        // Counts the visit.
        if (slot.Heat == 0)
        {
            slot.Heat = 1;
        }

        return new(value, flags);
    }

    /// <summary>The slot, if it is the key's.</summary>
    private int Is(int number, TKey key, uint hash)
    {
        ref var slot = ref At(number);
        var version = Volatile.Read(ref slot.Version);
        var mayBe = slot.Hash == hash && (slot.Flags & SlotFlags.Held) != 0;
        var held = slot.Key;
        Volatile.ReadBarrier();
        if (slot.Version != version || (version & 1) != 0)
        {
            return Unsure;
        }

        return mayBe && AreEqual(held, key) ? number : None;
    }

    private static bool AreEqual(TKey? held, TKey key) => new AskedKey<TKey>(key).Is(held);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot<TKey, TValue> At(int slot) => ref (_only ?? _chunks[slot >> SlotStore<TKey, TValue>.ChunkBits])[slot & ((1 << SlotStore<TKey, TValue>.ChunkBits) - 1)];

    /// <summary>The same, where an entry has more to look at.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Hit<TValue> GlanceWithCare<TAsked>(TAsked asked, int number, uint version, long now)
        where TAsked : struct, IAsked<TKey>, allows ref struct
    {
        ref var slot = ref At(number);
        var (held, value, flags, proven, lineage) = (slot.Key, slot.Value, slot.Flags, slot.Proven, Lineages.Known(_lineages, slot.Lineage));
        Volatile.ReadBarrier();
        if (slot.Version != version || !asked.Is(held)
            || ((flags & SlotFlags.HasScopes) != 0 && lineage.ValidAsOf(proven) < lineage.View.NewestFloor)
            || ((flags & SlotFlags.Slides) != 0 && !TrySlide(ref slot, number, version, now)))
        {
            return default;
        }

        slot.Heat = 1;
        return new(value, flags);
    }

    private bool TrySlide(ref Slot<TKey, TValue> slot, int number, uint version, long now)
    {
        var detail = entries.Store.DetailAt(number);
        Volatile.ReadBarrier();
        var ticks = now * TimeSpan.TicksPerMillisecond;
        if (detail is null || slot.Version != version || ticks >= detail.IdleUntil)
        {
            return false;
        }

        if (slidesHere)
        {
            detail.IdleUntil = ticks + detail.SlidingTicks;
        }

        return true;
    }
}

/// <summary>What a glance into the local tier found; small enough to be returned in registers.</summary>
/// <param name="value">The value; default for a negative entry.</param>
/// <param name="flags">What kind of entry it is; none for none.</param>
internal readonly struct Hit<TValue>(TValue? value, SlotFlags flags)
{
    public readonly TValue? Value = value;

    public readonly SlotFlags Flags = flags;
}
