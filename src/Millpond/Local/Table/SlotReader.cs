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
/// The two forms of the plain hit are one loop written twice, flat and with the rare cases out of line, because this is the path that everything else is there for: with a type
/// for how far a look-up has got, its state was kept in memory and not in registers.
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
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="now">The time or a little later, in milliseconds.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Hit<TValue> TryHit(TKey key, uint hash, long now)
    {
        ref var cells = ref _first[(nuint)(((ulong)hash * _groups) >> 32) * SlotTable.CellsPerGroup];
        for (var matches = SlotTable.Match(ref cells, SlotTable.Tag(hash)); matches != 0; matches &= matches - 1)
        {
            var number = SlotTable.SlotIn(ref cells, BitOperations.TrailingZeroCount(matches));
            if ((uint)number >= (uint)_known)
            {
                continue;
            }

            ref var slot = ref At(number);
            var version = Volatile.Read(ref slot.Version);
            if (slot.Hash != hash)
            {
                continue;
            }

            // A reference is read whole, so its key may be compared at once, which leaves less to be kept in mind across the call. A larger one waits for the second look.
            var held = slot.Key;
            if (!typeof(TKey).IsValueType && !AreEqual(held, key))
            {
                continue;
            }

            var (value, flags, quiet, proven, lineage) = (slot.Value, slot.Flags, slot.Quiet, slot.Proven, Lineages.Known(_lineages, slot.Lineage));
            Volatile.ReadBarrier();
            if (slot.Version == version && (!typeof(TKey).IsValueType || AreEqual(held, key)))
            {
                return (version & 1) == 0 && lineage.IsPlain(quiet, proven, now) && Touch(ref slot, number, version, flags, proven, lineage, now) ? new(value, flags) : default;
            }
        }

        if (!SlotTable.HasPassedOn(ref cells))
        {
            return default;
        }

        return TryHitBeyond(key, hash, now);
    }

    /// <summary>The same for the characters of a string, where keys are strings.</summary>
    public Hit<TValue> TryHit(ReadOnlySpan<char> key, uint hash, long now)
    {
        ref var cells = ref _first[(nuint)(((ulong)hash * _groups) >> 32) * SlotTable.CellsPerGroup];
        for (var matches = SlotTable.Match(ref cells, SlotTable.Tag(hash)); matches != 0; matches &= matches - 1)
        {
            var number = SlotTable.SlotIn(ref cells, BitOperations.TrailingZeroCount(matches));
            if ((uint)number >= (uint)_known)
            {
                continue;
            }

            ref var slot = ref At(number);
            var version = Volatile.Read(ref slot.Version);
            if (slot.Hash == hash && slot.Key is string held && key.SequenceEqual(held))
            {
                var (value, flags, quiet, proven, lineage) = (slot.Value, slot.Flags, slot.Quiet, slot.Proven, Lineages.Known(_lineages, slot.Lineage));
                Volatile.ReadBarrier();
                return slot.Version == version && (version & 1) == 0 && lineage.IsPlain(quiet, proven, now) && Touch(ref slot, number, version, flags, proven, lineage, now)
                    ? new(value, flags)
                    : default;
            }
        }

        return SlotTable.HasPassedOn(ref cells) ? TryHitBeyond(key, hash, now) : default;
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
    private Hit<TValue> TryHitBeyond(TKey key, uint hash, long now)
    {
        var number = Find(key, hash);
        if (number < 0)
        {
            return default;
        }

        ref var slot = ref At(number);
        var version = Volatile.Read(ref slot.Version);
        var (held, value, flags, quiet, proven, lineage) = (slot.Key, slot.Value, slot.Flags, slot.Quiet, slot.Proven, Lineages.Known(_lineages, slot.Lineage));
        Volatile.ReadBarrier();
        return slot.Version == version && (version & 1) == 0 && AreEqual(held, key) && lineage.IsPlain(quiet, proven, now) && Touch(ref slot, number, version, flags, proven, lineage, now)
            ? new(value, flags)
            : default;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Hit<TValue> TryHitBeyond(ReadOnlySpan<char> key, uint hash, long now)
    {
        var group = _table.HomeOf(hash);
        for (var n = 1; n < SlotTable.GroupsPerProbe && SlotTable.HasPassedOn(ref _table.GroupAt(group)); n++)
        {
            group = group + 1 == _table.Groups ? 0 : group + 1;
            ref var cells = ref _table.GroupAt(group);
            for (var matches = SlotTable.Match(ref cells, SlotTable.Tag(hash)); matches != 0; matches &= matches - 1)
            {
                var number = SlotTable.SlotIn(ref cells, BitOperations.TrailingZeroCount(matches));
                if ((uint)number < (uint)_known && At(number) is { Key: string held } slot && slot.Hash == hash && key.SequenceEqual(held))
                {
                    return held is TKey its ? TryHitBeyond(its, hash, now) : default;
                }
            }
        }

        return default;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AreEqual(TKey? held, TKey key)
    {
        if (typeof(TKey).IsValueType)
        {
            return EqualityComparer<TKey>.Default.Equals(held, key);
        }

        return (object)key is string text ? string.Equals(text, held as string) : key.Equals(held);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot<TKey, TValue> At(int slot) => ref (_only ?? _chunks[slot >> SlotStore<TKey, TValue>.ChunkBits])[slot & ((1 << SlotStore<TKey, TValue>.ChunkBits) - 1)];

    /// <summary>Counts the visit, and looks once more where an entry has more to look at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Touch(ref Slot<TKey, TValue> slot, int number, uint version, SlotFlags flags, uint proven, Lineage lineage, long now)
    {
        if (slot.Heat == 0)
        {
            slot.Heat = 1;
        }

        return (flags & SlotFlags.NeedsCare) == 0 || TryTouchWithCare(ref slot, number, version, flags, proven, lineage, now);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryTouchWithCare(ref Slot<TKey, TValue> slot, int number, uint version, SlotFlags flags, uint proven, Lineage lineage, long now) =>
        ((flags & SlotFlags.HasScopes) == 0 || lineage.ValidAsOf(proven) >= lineage.View.NewestFloor)
        && ((flags & SlotFlags.Slides) == 0 || TrySlide(ref slot, number, version, now));

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
