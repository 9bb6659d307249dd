using Millpond.Events;

namespace Millpond.Local;

/// <summary>
/// The parts of a shard that say where an entry is, when it goes and what it weighs, kept in step: index, slots, wheel and policy. Everything here needs the shard's lock,
/// but for what <see cref="Reader"/> does. Every step is bounded.
/// </summary>
internal sealed class ShardTable<TKey, TValue> : IIndexed, IExpiring
    where TKey : notnull
{
    private readonly KeyspaceCounters _counters;
    private readonly AgeHistogram _agesAtEviction;
    private readonly bool _slidesHere;
    private readonly EntrySlots<TKey, TValue> _entries = new();
    private readonly SlotIndex _index;
    private readonly ulong _seed;

    // Made for the first entry: they are most of what an empty shard would take.
    private ExpiryWheel? _wheel;
    private EvictionPolicy? _policy;

    public ShardTable(ShardParts parts, AgeHistogram agesAtEviction, ulong seed)
    {
        _counters = parts.Counters;
        _agesAtEviction = agesAtEviction;
        _slidesHere = parts.SlidesHere;
        _index = new SlotIndex(this);
        _seed = seed;
        Reader = NewReader();
    }

    /// <summary>For hits; another one after growing.</summary>
    public SlotReader<TKey, TValue> Reader { get; private set; }

    public int Count => _index.Count;

    public long Bytes => _policy?.Bytes ?? 0;

    /// <summary>Slots ever used, and so the end of a walk over all of them.</summary>
    public int SlotsUsed => _entries.Store.Used;

    /// <summary>The entry of a slot; null if it is free.</summary>
    public Entry<TValue>? At(int slot) => _entries.Read(slot, out _);

    public bool IsThere(SlotPlace place) => ReferenceEquals(place.Owner, _entries) && place.Slot < SlotsUsed && _entries.Store.At(place.Slot).Version == place.Version;

    /// <summary>What a slot's entry weighs. Where the slot may have gone to another entry by now, that one's.</summary>
    public long WeightOf(int slot) => _policy!.WeightOf(slot);

    /// <summary>Puts an entry in place of the one before, if there was one. What finds no room, because its hash is like too many others' or its kind is one too many, is not held.</summary>
    public void Put(TKey key, uint hash, Entry<TValue> entry, long now)
    {
        var before = Reader.Find(key, hash);
        if (before < 0)
        {
            Add(key, hash, entry, now);
        }
        else if (_entries.TryWriteNeedsGate(before, key, hash, entry, now))
        {
            RenewReader();
            _policy!.Replaced(before, (uint)entry.Bytes);
            _wheel!.SetNeedsGate(before, Deadline(before));
            _counters.Evicted(EvictionCause.Replaced);
        }
        else
        {
            Remove(before, EvictionCause.Capacity);
        }
    }

    public void Remove(int slot, EvictionCause cause)
    {
        if (slot >= 0)
        {
            _policy!.Removed(slot);
            Forget(slot, cause);
        }
    }

    /// <summary>Evicts the entry that is worth least; false if there is none.</summary>
    public bool TryEvict(long now)
    {
        var slots = new PolicySlots<TKey, TValue>(_entries);
        var slot = _policy?.EvictOne(ref slots) ?? -1;
        if (slot < 0)
        {
            return false;
        }

        _agesAtEviction.AddNeedsGate(Milliseconds(now - _entries.LoadedAt(slot)));
        Forget(slot, EvictionCause.Capacity);
        return true;
    }

    /// <summary>Removes the entries among some slots that a condition names.</summary>
    public void RemoveWhere(Func<Entry<TValue>, bool> condition, int first, int end)
    {
        for (var slot = first; slot < end; slot++)
        {
            if (At(slot) is { } entry && condition(entry))
            {
                Remove(slot, EvictionCause.Invalidated);
            }
        }
    }

    /// <summary>Adds the keys among some slots whose values somebody may want again, with what is known of their use.</summary>
    public void CopyKeys(int first, int end, List<KeyInUse<TKey>> into)
    {
        for (var slot = first; slot < end; slot++)
        {
            ref var its = ref _entries.Store.At(slot);
            if ((its.Flags & (SlotFlags.Held | SlotFlags.Negative)) == SlotFlags.Held)
            {
                into.Add(new(its.Key!, _policy!.UsesOf(its.Hash) + its.Heat, _entries.LoadedAt(slot)));
            }
        }
    }

    public double VictimWorth(long now) => _policy?.VictimWorth(now) ?? double.PositiveInfinity;

    /// <summary>Lets go what is due, as far as a number of blocks of the wheel reaches.</summary>
    public void Expire(long now, int blocksMax) => _wheel?.AdvanceNeedsGate(Milliseconds(now), blocksMax);

    public void Mark(int slot, long invalidatedAt, long retryAt) => _entries.MarkNeedsGate(slot, invalidatedAt, retryAt);

    public void Affirm(TKey key, Entry<TValue> entry, long now) => _entries.AffirmNeedsGate(entry.Place.Slot, key, entry, now);

    /// <summary>For tests: throws if any part contradicts another.</summary>
    public void Validate()
    {
        var held = 0;
        for (var slot = 0; slot < SlotsUsed; slot++)
        {
            ref var its = ref _entries.Store.At(slot);
            if ((its.Flags & SlotFlags.Held) != 0)
            {
                held++;
                Require(Reader.Find(its.Key!, its.Hash) == slot, "An entry cannot be found.");
            }
        }

        Require(held == _index.Count && held == (_policy?.Count ?? 0), "Index, policy and slots count different numbers of entries.");
        _wheel?.Validate(SlotsUsed);
        _policy?.Validate();
    }

    uint IIndexed.HashOf(int slot) => _entries.Store.At(slot).Hash;

    void IIndexed.Displace(int slot) => Remove(slot, EvictionCause.Capacity);

    long IExpiring.DeadlineOf(int slot) => Deadline(slot);

    void IExpiring.Expire(int slot) => Remove(slot, EvictionCause.Expired);

    private static long Milliseconds(long ticks) => ticks / TimeSpan.TicksPerMillisecond;

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private void Add(TKey key, uint hash, Entry<TValue> entry, long now)
    {
        var slot = _entries.Store.TakeNeedsGate();
        if (slot < 0)
        {
            return;
        }

        if (!_entries.TryWriteNeedsGate(slot, key, hash, entry, now))
        {
            _entries.Store.GiveNeedsGate(slot);
            RenewReader();
            return;
        }

        // Known to the policy before anybody can find it, for whoever finds it may ask what it weighs.
        _policy ??= new EvictionPolicy(_seed);
        _policy.Added(slot, hash, (uint)entry.Bytes);
        var isIndexed = _index.TryAddNeedsGate(hash, slot);
        RenewReader();
        if (!isIndexed)
        {
            _policy.Removed(slot);
            _entries.FreeNeedsGate(slot);
            return;
        }

        _wheel ??= new ExpiryWheel(this, Milliseconds(now));
        _wheel.SetNeedsGate(slot, Deadline(slot));
    }

    /// <summary>Due whenever a slot was taken or written to, also if nothing came of it: slots or lineages may have grown, and a reader of the former ones would see nothing that is written now.</summary>
    private void RenewReader()
    {
        if (!Reader.IsUpToDate(_index.Table))
        {
            Reader = NewReader();
        }
    }

    private void Forget(int slot, EvictionCause cause)
    {
        _index.RemoveNeedsGate(_entries.Store.At(slot).Hash, slot);
        _entries.FreeNeedsGate(slot);
        _counters.Evicted(cause);
    }

    private long Deadline(int slot) => _entries.DeadlineNeedsGate(slot) is var ticks && ticks == long.MaxValue ? ticks : Milliseconds(ticks);

    private SlotReader<TKey, TValue> NewReader() => new(_index.Table, _entries, _slidesHere);
}

/// <summary>What the shards of a keyspace work with.</summary>
/// <param name="Budget">The bytes they share with others.</param>
/// <param name="Counters">What they count into.</param>
/// <param name="Now">The time, in ticks.</param>
/// <param name="Seed">Of hashes and chance.</param>
/// <param name="SlidesHere">Whether a hit starts a sliding time anew.</param>
internal sealed record ShardParts(LocalBudget Budget, KeyspaceCounters Counters, Func<long> Now, ulong Seed, bool SlidesHere);

/// <summary>A shard's slots as its policy asks about them.</summary>
internal readonly struct PolicySlots<TKey, TValue>(EntrySlots<TKey, TValue> entries) : ISlots
{
    public bool TakeHit(int slot)
    {
        ref var heat = ref entries.Store.At(slot).Heat;
        var wasHit = heat != 0;
        heat -= (byte)(wasHit ? 1 : 0);
        return wasHit;
    }

    public uint HashOf(int slot) => entries.Store.At(slot).Hash;
}
