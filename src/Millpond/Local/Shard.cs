using Millpond.Events;

namespace Millpond.Local;

/// <summary>
/// A part of a local tier with a lock of its own, and its share of the budget. A hit does not come here: it has the shard's reader.
/// </summary>
/// <remarks>
/// Under the lock every step is bounded: a store looks through a few blocks of the wheel, copies a few groups of a growing index, and evicts what it needs room for. User
/// code is called under it only to compare keys, and no other lock is taken.
/// </remarks>
internal sealed class Shard<TKey, TValue> : ILocalShare
    where TKey : notnull
{
    // Each store turns at most this many blocks of eight entries whose time has come: more than one store can have hung up, so the dead do not pile up.
    private const int BlocksPerStore = 4;

    // Before anything that is alive has to go, this many blocks are turned if their time has come: 512 entries, some ten microseconds.
    private const int BlocksPerEviction = 64;

    // Comparing with another shard takes both locks, one after the other, and a look at a sketch each; so not every store does.
    private const int StoresPerBalance = 16;

    private readonly Lock _gate = new();
    private readonly ShardParts _parts;
    private readonly SlotReader<TKey, TValue>[] _readers;
    private readonly int _ordinal;
    private ShardTable<TKey, TValue> _table;
    private long _bytes;
    private long _quota;
    private int _stores;

    /// <param name="readers">Where this shard's reader stands for hits.</param>
    /// <param name="ordinal">Which of them it is.</param>
    /// <param name="parts">What it works with.</param>
    public Shard(SlotReader<TKey, TValue>[] readers, int ordinal, ShardParts parts)
    {
        _parts = parts;
        _readers = readers;
        _ordinal = ordinal;
        _table = NewTable();
        PublishNeedsGate();
    }

    public AgeHistogram AgesAtEviction { get; } = new();

    public int Count => Volatile.Read(ref _table).Count;

    public long Bytes => Volatile.Read(ref _bytes);

    public long Quota => Volatile.Read(ref _quota);

    public long QuotaPromised { get; set; }

    public long QuotaMin { get; set; }

    public long QuotaMax { get; set; } = long.MaxValue;

    public double VictimWorth
    {
        get
        {
            lock (_gate)
            {
                return _table.VictimWorth(_parts.Now());
            }
        }
    }

    /// <summary>What is held for a key, in full; null if nothing is.</summary>
    public Entry<TValue>? Read(TKey key, uint hash)
    {
        var table = Volatile.Read(ref _table);
        var entry = table.Reader.Read(key, hash, out var isCertain);
        if (!isCertain)
        {
            lock (_gate)
            {
                table = _table;
                entry = table.Reader.Read(key, hash, out _);
            }
        }

        if (entry is not null)
        {
            entry.Bytes = table.WeightOf(entry.Place.Slot);
        }

        return entry;
    }

    /// <summary>Where a key's entry is, for whoever could not say so without the lock.</summary>
    public SlotPlace PlaceOf(TKey key, uint hash)
    {
        lock (_gate)
        {
            return _table.Reader.PlaceOf(key, hash, out _);
        }
    }

    /// <summary>Stores an entry in place of the one before.</summary>
    public void Set(TKey key, uint hash, Entry<TValue> entry)
    {
        var bytes = CompactWeight.Rounded(entry.Bytes);
        var mayFit = bytes <= SlotNodes.WeightMax;
        if (mayFit && bytes > Quota)
        {
            _parts.Budget.Claim(this, bytes);
        }

        lock (_gate)
        {
            var now = _parts.Now();
            _table.Expire(now, BlocksPerStore);
            if (mayFit && bytes <= _quota)
            {
                _table.Put(key, hash, entry, now);
            }
            else
            {
                // Larger than all this shard may hold. What it would have replaced is older than it, so that goes too.
                _table.Remove(_table.Reader.Find(key, hash), EvictionCause.Capacity);
            }

            SettleNeedsGate(now);
            if (++_stores % StoresPerBalance != 0)
            {
                return;
            }
        }

        _parts.Budget.Balance(this);
    }

    /// <summary>Removes whatever is held for a key.</summary>
    public void Remove(TKey key, uint hash, EvictionCause cause)
    {
        lock (_gate)
        {
            _table.Remove(_table.Reader.Find(key, hash), cause);
            SettleNeedsGate(_parts.Now());
        }
    }

    /// <summary>Removes what was found in a place, if it is still there.</summary>
    public void Remove(SlotPlace place, EvictionCause cause)
    {
        lock (_gate)
        {
            if (_table.IsThere(place))
            {
                _table.Remove(place.Slot, cause);
                SettleNeedsGate(_parts.Now());
            }
        }
    }

    /// <summary>Marks what is held for a key as stale since a time.</summary>
    public void MarkInvalidated(TKey key, uint hash, long since)
    {
        lock (_gate)
        {
            if (_table.Reader.Find(key, hash) is >= 0 and var slot)
            {
                _table.Mark(slot, Math.Max(since, 1), retryAt: 0);
            }
        }
    }

    /// <summary>Notes until when the source need not be asked for what was found in a place; false if it is there no more.</summary>
    public bool TryPause(SlotPlace place, long retryAt)
    {
        lock (_gate)
        {
            if (!_table.IsThere(place))
            {
                return false;
            }

            _table.Mark(place.Slot, invalidatedAt: 0, retryAt);
            return true;
        }
    }

    /// <summary>Notes that an entry found here has been proven valid as of a later sequence, and has its times counted anew if its lineage grew too old to count them.</summary>
    public void Affirm(TKey key, Entry<TValue> entry)
    {
        lock (_gate)
        {
            if (_table.IsThere(entry.Place))
            {
                _table.Affirm(key, entry, _parts.Now());
            }
        }
    }

    /// <summary>Has something done with some slots, and says whether there may be more beyond.</summary>
    public bool Walk(int first, int count, Action<ShardTable<TKey, TValue>, int, int> withSlots)
    {
        lock (_gate)
        {
            var end = Math.Min(first + count, _table.SlotsUsed);
            withSlots(_table, first, end);
            SettleNeedsGate(_parts.Now());
            return end < _table.SlotsUsed;
        }
    }

    /// <summary>Lets everything go at once, in one step however much there is. Whoever still reads what was there goes on doing so, as if a moment earlier.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Volatile.Write(ref _table, NewTable());
            SettleNeedsGate(_parts.Now());
        }
    }

    public void Grant(long bytes)
    {
        lock (_gate)
        {
            Volatile.Write(ref _quota, _quota + bytes);
        }
    }

    public long Yield(long bytes, int evictionsMax)
    {
        lock (_gate)
        {
            var now = _parts.Now();
            _table.Expire(now, evictionsMax);
            var goal = Math.Max(_quota - bytes, QuotaMin);
            var evicted = 0;
            while (_table.Bytes > goal && evicted < evictionsMax && _table.TryEvict(now))
            {
                evicted++;
            }

            // Where something had to go, whatever that freed is given up too, and not kept for the next one to ask.
            var keep = Math.Max(evicted > 0 ? QuotaMin : goal, _table.Bytes);
            var yielded = Math.Max(0, _quota - keep);
            Volatile.Write(ref _quota, _quota - yielded);
            PublishNeedsGate();
            return yielded;
        }
    }

    /// <summary>For tests: throws if any part contradicts another.</summary>
    public void Validate()
    {
        lock (_gate)
        {
            _table.Validate();
            var adds = _table.Bytes == _bytes && (_bytes <= _quota || _table.Count == 0) && ReferenceEquals(_readers[_ordinal], _table.Reader);
            _ = adds ? 0 : throw new InvalidOperationException($"{_table.Bytes} bytes are held, {_bytes} shown, and {_quota} allowed; or hits read what is no more.");
        }
    }

    private ShardTable<TKey, TValue> NewTable() => new(_parts, AgesAtEviction, _parts.Seed + (ulong)_ordinal);

    /// <summary>Comes back within the quota: takes more of the budget while there is some, and evicts where there is none. Gives back what it has no use for.</summary>
    private void SettleNeedsGate(long now)
    {
        var bytes = _table.Bytes;
        if (bytes > _quota)
        {
            Volatile.Write(ref _quota, _quota + _parts.Budget.Take(bytes - _quota, QuotaMax - _quota));
            _table.Expire(now, _table.Bytes > _quota ? BlocksPerEviction : 0);
            while (_table.Bytes > _quota && _table.TryEvict(now))
            {
            }
        }
        else if (_quota - bytes > _parts.Budget.SlackMax && _quota > QuotaMin)
        {
            var slack = Math.Min(_quota - bytes - (_parts.Budget.SlackMax / 2), _quota - QuotaMin);
            Volatile.Write(ref _quota, _quota - slack);
            _parts.Budget.Return(slack);
        }

        PublishNeedsGate();
    }

    /// <summary>Shows what others see without the lock.</summary>
    private void PublishNeedsGate()
    {
        Volatile.Write(ref _bytes, _table.Bytes);
        if (!ReferenceEquals(_readers[_ordinal], _table.Reader))
        {
            Volatile.Write(ref _readers[_ordinal], _table.Reader);
        }
    }
}
