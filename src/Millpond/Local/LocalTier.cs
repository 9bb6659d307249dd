using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Millpond.Events;

namespace Millpond.Local;

/// <summary>
/// The entries of one keyspace in this process. A hit takes no lock and allocates nothing: one look-up and one bit.
/// </summary>
/// <remarks>
/// Eviction is SIEVE (NSDI 2024): one queue in order of arrival and a hand that moves from old to new, passing over and unmarking what was visited
/// since it last came by. Storing and removing take the queue's lock; callers order stores against changes by the key's stripe.
/// </remarks>
internal sealed class LocalTier<TKey, TValue> : ILocalShare
    where TKey : notnull
{
    // What an entry costs beyond its key and value: the entry object, its place in the table and the table's node, measured at a million entries.
    public const int OverheadBytes = 280;

    // Each store looks at this many of the oldest entries and drops the expired ones, so that the dead cannot pile up faster than the living arrive.
    private const int SweepPerStore = 2;

    private readonly ConcurrentDictionary<TKey, Entry<TValue>> _entries = new();
    private readonly Lock _gate = new();
    private readonly LocalBudget _budget;
    private readonly KeyspaceCounters _counters;
    private readonly Func<long> _now;
    private Entry<TValue>? _newest;
    private Entry<TValue>? _oldest;
    private Entry<TValue>? _hand;
    private Entry<TValue>? _sweep;
    private long _bytes;

    public LocalTier(LocalBudget budget, KeyspaceCounters counters, Func<long> now)
    {
        _budget = budget;
        _counters = counters;
        _now = now;
        budget.Join(this);
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    public long BytesMin { get; set; }

    public long BytesMax { get; set; } = long.MaxValue;

    public int Count => _entries.Count;

    public bool TryGet(TKey key, [NotNullWhen(true)] out Entry<TValue>? entry)
    {
        if (!_entries.TryGetValue(key, out entry))
        {
            return false;
        }

        if (!entry.Visited)
        {
            entry.Visited = true;
        }

        return true;
    }

    /// <summary>As the other, with a key in another form, such as the characters of a string that is not built for a hit.</summary>
    public bool TryGet<TOther>(TOther key, [NotNullWhen(true)] out Entry<TValue>? entry)
        where TOther : notnull, allows ref struct
    {
        if (!_entries.GetAlternateLookup<TOther>().TryGetValue(key, out entry))
        {
            return false;
        }

        if (!entry.Visited)
        {
            entry.Visited = true;
        }

        return true;
    }

    /// <summary>Looks without counting as a visit.</summary>
    public Entry<TValue>? Peek(TKey key) => _entries.GetValueOrDefault(key);

    /// <summary>Stores an entry in place of the one before. Called under the key's stripe.</summary>
    public void Set(TKey key, Entry<TValue> entry)
    {
        if (entry.Bytes > BytesMax || entry.Bytes > _budget.BytesMax)
        {
            Remove(key, EvictionCause.Capacity);
            return;
        }

        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var before))
            {
                UnlinkNeedsGate(before);
                _counters.Evicted(EvictionCause.Replaced);
            }

            entry.BoxedKey = key;
            _entries[key] = entry;
            LinkNeedsGate(entry);
            SweepNeedsGate(_now());
            MakeRoomNeedsGate();
        }

        _budget.MakeRoom(entry.Bytes);
    }

    /// <summary>Comes back within a ceiling that was lowered.</summary>
    public void MakeRoom()
    {
        lock (_gate)
        {
            MakeRoomNeedsGate();
        }
    }

    /// <summary>Removes whatever is held for a key. Called under the key's stripe.</summary>
    public void Remove(TKey key, EvictionCause cause)
    {
        lock (_gate)
        {
            if (_entries.TryRemove(key, out var entry))
            {
                UnlinkNeedsGate(entry);
                _counters.Evicted(cause);
            }
        }
    }

    /// <summary>Removes an entry if it is still the one held for its key.</summary>
    public void Remove(TKey key, Entry<TValue> entry, EvictionCause cause)
    {
        lock (_gate)
        {
            RemoveNeedsGate(key, entry, cause);
        }
    }

    /// <summary>Removes every entry that a condition names, by looking at each. Only for when the shared tier cannot be told of a scope's change, and so
    /// there is no floor to compare with.</summary>
    public void RemoveWhere(Func<Entry<TValue>, bool> condition)
    {
        foreach (var (key, entry) in _entries)
        {
            if (condition(entry))
            {
                Remove(key, entry, EvictionCause.Invalidated);
            }
        }
    }

    public long EvictOne()
    {
        lock (_gate)
        {
            return EvictOneNeedsGate();
        }
    }

    private void MakeRoomNeedsGate()
    {
        while (_bytes > BytesMax && EvictOneNeedsGate() > 0)
        {
        }
    }

    private long EvictOneNeedsGate()
    {
        // At most once round: a second round finds everything unmarked.
        var candidate = _hand ?? _oldest;
        while (candidate is { Visited: true })
        {
            candidate.Visited = false;
            candidate = candidate.Newer ?? _oldest;
        }

        if (candidate is null)
        {
            return 0;
        }

        _hand = candidate.Newer;
        RemoveNeedsGate((TKey)candidate.BoxedKey!, candidate, EvictionCause.Capacity);
        return candidate.Bytes;
    }

    private void SweepNeedsGate(long now)
    {
        for (var n = 0; n < SweepPerStore; n++)
        {
            var entry = _sweep ?? _oldest;
            if (entry is null)
            {
                return;
            }

            _sweep = entry.Newer;
            if (now >= entry.HardUntil || now >= entry.IdleUntil)
            {
                RemoveNeedsGate((TKey)entry.BoxedKey!, entry, EvictionCause.Expired);
            }
        }
    }

    private void RemoveNeedsGate(TKey key, Entry<TValue> entry, EvictionCause cause)
    {
        if (_entries.TryRemove(KeyValuePair.Create(key, entry)))
        {
            UnlinkNeedsGate(entry);
            _counters.Evicted(cause);
        }
    }

    private void LinkNeedsGate(Entry<TValue> entry)
    {
        entry.Older = _newest;
        if (_newest is not null)
        {
            _newest.Newer = entry;
        }

        _newest = entry;
        _oldest ??= entry;
        ChargeNeedsGate(entry.Bytes);
    }

    private void UnlinkNeedsGate(Entry<TValue> entry)
    {
        if (entry.BoxedKey is null)
        {
            return;
        }

        _hand = ReferenceEquals(_hand, entry) ? entry.Newer : _hand;
        _sweep = ReferenceEquals(_sweep, entry) ? entry.Newer : _sweep;
        _oldest = ReferenceEquals(_oldest, entry) ? entry.Newer : _oldest;
        _newest = ReferenceEquals(_newest, entry) ? entry.Older : _newest;
        if (entry.Older is not null)
        {
            entry.Older.Newer = entry.Newer;
        }

        if (entry.Newer is not null)
        {
            entry.Newer.Older = entry.Older;
        }

        entry.Older = entry.Newer = null;
        entry.BoxedKey = null;
        ChargeNeedsGate(-entry.Bytes);
    }

    private void ChargeNeedsGate(long bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        _budget.Charge(bytes);
    }
}
