using Millpond.Shared;

namespace Millpond.Local;

/// <summary>
/// Between an entry as the roads pass it around and the slot that holds it. What nearly all entries of a keyspace have in common or do not have at all is left out of the slot
/// and found again here.
/// </summary>
internal sealed class EntrySlots<TKey, TValue>
{
    private const long Millisecond = TimeSpan.TicksPerMillisecond;
    private const long LoadTimeUnit = TimeSpan.TicksPerMicrosecond * 10;

    public SlotStore<TKey, TValue> Store { get; } = new();

    public Lineages Lineages { get; } = new();

    /// <summary>Writes an entry into a slot; false if it belongs to a lineage there is no room for, and then the slot is as it was.</summary>
    public bool TryWriteNeedsGate(int number, TKey key, uint hash, Entry<TValue> entry, long now)
    {
        var lineage = Lineages.OfNeedsGate(entry, now, out var isWide);
        if (lineage < 0)
        {
            return false;
        }

        var began = Lineages[lineage].BeganAt;
        var (quiet, fresh) = (Whole(entry.QuietUntil - began), Whole(entry.FreshUntil - began));
        var freshTime = fresh - Whole(entry.LoadedAt - began);
        isWide |= quiet is < 0 or > uint.MaxValue || freshTime is < 0 or > uint.MaxValue || fresh - quiet is < 0 or > CompactNumber.MaxValue
            || entry.HardUntil != entry.FreshUntil + Lineages[lineage].StaleTicks;
        var detail = DetailOf(entry, isWide);

        ref var slot = ref Store.At(number);
        var flags = SlotFlags.Held | (detail is null ? 0 : SlotFlags.HasDetail) | (isWide ? SlotFlags.IsWide : 0)
            | (entry.Kind == RecordKind.Negative ? SlotFlags.Negative : 0) | (entry.Scopes.Length > 0 ? SlotFlags.HasScopes : 0) | (entry.SlidingTicks > 0 ? SlotFlags.Slides : 0);
        var before = (slot.Flags & SlotFlags.Held) != 0 ? slot.Lineage : -1;
        var version = slot.Version;
        slot.Version = version + 1;
        Volatile.WriteBarrier();
        slot.Key = key;
        slot.Value = entry.Value;
        slot.Hash = hash;
        slot.Quiet = entry.InvalidatedAt > 0 ? 0 : (uint)Math.Clamp(quiet, 0, uint.MaxValue);
        slot.Proven = Lineages[lineage].Proven(entry.ValidAsOf);
        slot.FreshTime = isWide ? 0 : (uint)freshTime;
        slot.Lineage = (ushort)lineage;
        slot.Flags = flags;
        Store.NoteAt(number) = new SlotNote
        {
            FreshAfterQuiet = isWide ? (ushort)0 : CompactNumber.AtMost(fresh - quiet),
            LoadTime = CompactNumber.AtMost(entry.LoadTicks / LoadTimeUnit),
            FilledMark = entry.FilledMark,
        };
        Store.SetDetailNeedsGate(number, detail);
        Volatile.Write(ref slot.Version, version + 2);

        Lineages.JoinNeedsGate(lineage);
        if (before >= 0)
        {
            Lineages.LeaveNeedsGate(before);
        }

        return true;
    }

    public void FreeNeedsGate(int number)
    {
        Lineages.LeaveNeedsGate(Store.At(number).Lineage);
        Store.GiveNeedsGate(number);
    }

    /// <summary>The entry of a slot, whoever's it is; null if the slot is free, or was written to meanwhile.</summary>
    public Entry<TValue>? Read(int number, out TKey? key)
    {
        ref var slot = ref Store.At(number);
        var version = Volatile.Read(ref slot.Version);
        var copy = slot;
        var detail = DetailAfter(number);
        key = copy.Key;
        var entry = (copy.Flags & SlotFlags.Held) != 0 ? Compose(in copy, Store.NoteAt(number), detail) : null;
        Volatile.ReadBarrier();
        if (slot.Version != version || (version & 1) != 0 || entry is null)
        {
            return null;
        }

        entry.Place = new SlotPlace(this, number, version);
        return entry;
    }

    /// <summary>Notes that an entry found in a slot has since been proven valid as of a later sequence. One whose lineage has grown too old to count its times is written anew.</summary>
    public void AffirmNeedsGate(int number, TKey key, Entry<TValue> entry, long now)
    {
        ref var slot = ref Store.At(number);
        var proven = Lineages[slot.Lineage].Proven(entry.ValidAsOf);
        if (proven > slot.Proven)
        {
            Volatile.Write(ref slot.Proven, proven);
        }

        // What is held now, not what was found: it may have become stale meanwhile.
        if ((slot.Flags & SlotFlags.IsWide) != 0 && now - Lineages[slot.Lineage].BeganAt > Lineage.AgeTicksMax && Read(number, out _) is { } held)
        {
            TryWriteNeedsGate(number, key, slot.Hash, held, now);
        }
    }

    /// <summary>When the entry is of no use any more, in ticks; <see cref="long.MaxValue"/> for a free slot.</summary>
    public long DeadlineNeedsGate(int number)
    {
        if (number >= Store.Used)
        {
            return long.MaxValue;
        }

        ref var slot = ref Store.At(number);
        if ((slot.Flags & SlotFlags.Held) == 0)
        {
            return long.MaxValue;
        }

        var detail = (slot.Flags & SlotFlags.HasDetail) != 0 ? Store.DetailAt(number) : null;
        return Math.Min(TimesOf(in slot, Store.NoteAt(number), detail).HardUntil, detail?.IdleUntil ?? long.MaxValue);
    }

    public long LoadedAt(int number)
    {
        var copy = Store.At(number);
        return TimesOf(in copy, Store.NoteAt(number), DetailAfter(number)).LoadedAt;
    }

    /// <summary>When what is in a place was loaded; null if it is there no more.</summary>
    public long? LoadedAt(SlotPlace place)
    {
        var loadedAt = LoadedAt(place.Slot);
        Volatile.ReadBarrier();
        return Store.At(place.Slot).Version == place.Version ? loadedAt : null;
    }

    /// <summary>Notes since when an entry is stale, or until when its source need not be asked. No new version: the value is the same, and whoever reads the older words began
    /// before this was made known here.</summary>
    public void MarkNeedsGate(int number, long invalidatedAt, long retryAt)
    {
        ref var slot = ref Store.At(number);
        var detail = Store.DetailAt(number) ?? new EntryDetail { Times = TimesOf(in slot, Store.NoteAt(number), null) };
        detail = detail with
        {
            // Of several changes the earliest, which need not be the first to be heard of: the value has been stale since then.
            InvalidatedAt = detail.InvalidatedAt == 0 || invalidatedAt == 0 ? detail.InvalidatedAt + invalidatedAt : Math.Min(detail.InvalidatedAt, invalidatedAt),
            RetryAt = Math.Max(detail.RetryAt, retryAt),
        };
        Store.SetDetailNeedsGate(number, detail);
        slot.Flags |= SlotFlags.HasDetail;
        if (detail.InvalidatedAt > 0)
        {
            Volatile.Write(ref slot.Quiet, 0);
        }
    }

    /// <summary>The detail, looked for after the slot was copied: a mark makes the detail first and takes the times out of the slot then, without a step of the version.</summary>
    private EntryDetail? DetailAfter(int number)
    {
        Volatile.ReadBarrier();
        return Store.DetailAt(number);
    }

    private static long Whole(long ticks) => ticks >= 0 ? ticks / Millisecond : ((ticks + 1) / Millisecond) - 1;

    private static EntryDetail? DetailOf(Entry<TValue> entry, bool isWide)
    {
        var wasSilent = entry.View.TrustedUntil < entry.FetchedAt;
        if (!isWide && !wasSilent && entry is { Scopes.Length: 0, SourceVersion: null, SlidingTicks: 0, InvalidatedAt: 0, RetryAt: 0, IdleUntil: long.MaxValue })
        {
            return null;
        }

        return new EntryDetail
        {
            Scopes = entry.Scopes,
            SourceVersion = entry.SourceVersion,
            SlidingTicks = entry.SlidingTicks,
            IdleUntil = entry.IdleUntil,
            InvalidatedAt = entry.InvalidatedAt,
            RetryAt = entry.RetryAt,
            Times = new(entry.LoadedAt, entry.FetchedAt, entry.QuietUntil, entry.FreshUntil, entry.HardUntil),
        };
    }

    private Entry<TValue> Compose(in Slot<TKey, TValue> slot, SlotNote note, EntryDetail? detail)
    {
        var lineage = Lineages[slot.Lineage];
        var times = TimesOf(in slot, note, detail);
        return new Entry<TValue>
        {
            Value = slot.Value,
            Kind = (slot.Flags & SlotFlags.Negative) != 0 ? RecordKind.Negative : RecordKind.Value,
            View = lineage.View,
            Incarnation = lineage.Incarnation,
            Epoch = lineage.Epoch,
            Origin = lineage.Origin,
            LoadedAt = times.LoadedAt,
            FetchedAt = times.FetchedAt,
            QuietUntil = times.QuietUntil,
            FreshUntil = times.FreshUntil,
            HardUntil = times.HardUntil,
            LoadTicks = CompactNumber.Value(note.LoadTime) * LoadTimeUnit,
            Stamp = lineage.ValidAsOf(slot.Proven),
            ValidAsOf = lineage.ValidAsOf(slot.Proven),
            IsWide = (slot.Flags & SlotFlags.IsWide) != 0,
            FilledMark = note.FilledMark,
            Scopes = detail?.Scopes ?? [],
            SourceVersion = detail?.SourceVersion,
            SlidingTicks = detail?.SlidingTicks ?? 0,
            IdleUntil = detail?.IdleUntil ?? long.MaxValue,
            InvalidatedAt = detail?.InvalidatedAt ?? 0,
            RetryAt = detail?.RetryAt ?? 0,
        };
    }

    private EntryTimes TimesOf(in Slot<TKey, TValue> slot, SlotNote note, EntryDetail? detail)
    {
        if (detail is not null)
        {
            return detail.Times;
        }

        var lineage = Lineages[slot.Lineage];
        var quiet = lineage.BeganAt + (slot.Quiet * Millisecond);
        var fresh = quiet + (CompactNumber.Value(note.FreshAfterQuiet) * Millisecond);
        var loaded = fresh - (slot.FreshTime * Millisecond);
        return new(loaded, loaded, quiet, fresh, fresh + lineage.StaleTicks);
    }
}
