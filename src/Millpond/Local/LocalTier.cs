using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using Millpond.Events;
using Millpond.HotKeys;
using Millpond.Runtime;

namespace Millpond.Local;

/// <summary>
/// The entries of one keyspace in this process. A hit takes no lock and allocates nothing: hash, index, slot, key, one glance at the time and the floors, value.
/// </summary>
/// <remarks>
/// Entries lie in shards by their key's hash, each with a lock, a policy and a quota of its own. Storing and removing take the shard's lock; callers order stores against
/// changes by the key's stripe. An entry that is read in full is a copy: what is to change about the held one goes through this type.
/// </remarks>
internal sealed class LocalTier<TKey, TValue>
    where TKey : notnull
{
    // Slot, links, its part of index, wheel and sketch: 56.5 at 200,000 entries of int keys and values, 56.7 and two references where both are strings.
    private const int PlaceBytes = 56;

    // A shard this large decides as well as one cache would; more shards keep more cores apart. Past four for each core nothing is gained.
    private const long BytesPerShard = 4 << 20;
    private const int ShardsPerCore = 4;
    private const int ShardsMax = 64;

    // A walk gives the lock away after so many slots.
    private const int SlotsPerLook = 256;

    private readonly Shard<TKey, TValue>[] _shards;

    // Those of the shards, to save a hit a step.
    private readonly SlotReader<TKey, TValue>[] _readers;
    private readonly KeyHash _hash;
    private readonly LocalBudget _budget;
    private volatile HotKeyFinder<TKey>? _hot;
    private volatile bool _keepsHotAlone;

    public LocalTier(LocalBudget budget, KeyspaceCounters counters, Surroundings surroundings, long bytesMax, bool slidesHere)
    {
        _budget = budget;
        var seed = surroundings.NextNonce();
        _hash = new KeyHash(seed.High, seed.Low);
        var wanted = Math.Clamp(Math.Min(budget.BytesMax, bytesMax) / BytesPerShard, 1, Math.Min(Environment.ProcessorCount * ShardsPerCore, ShardsMax));
        _shards = new Shard<TKey, TValue>[1 << BitOperations.Log2((ulong)wanted)];
        _readers = new SlotReader<TKey, TValue>[_shards.Length];
        var parts = new ShardParts(budget, counters, () => surroundings.Now, seed.High, slidesHere);
        for (var n = 0; n < _shards.Length; n++)
        {
            _shards[n] = new Shard<TKey, TValue>(_readers, n, parts);
            budget.Join(_shards[n]);
        }
    }

    /// <summary>What an entry costs beyond its key and its value, in bytes.</summary>
    public static int OverheadBytes => PlaceBytes + (typeof(TKey).IsValueType ? 0 : IntPtr.Size) + (typeof(TValue).IsValueType ? 0 : IntPtr.Size);

    public long Bytes
    {
        get
        {
            var sum = 0L;
            foreach (var shard in _shards)
            {
                sum += shard.Bytes;
            }

            return sum;
        }
    }

    public int Count
    {
        get
        {
            var sum = 0;
            foreach (var shard in _shards)
            {
                sum += shard.Count;
            }

            return sum;
        }
    }

    /// <summary>The plain hit.</summary>
    /// <param name="key">The key.</param>
    /// <param name="now">The time or a little later, in milliseconds.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Hit<TValue> TryHit(TKey key, long now)
    {
        var hash = _hash.Of(key);
        return ReaderOf(hash).TryHit(new AskedKey<TKey>(key), hash.Place, now);
    }

    /// <summary>The plain hit, with the characters of a string that need not be built.</summary>
    public Hit<TValue> TryHit(ReadOnlySpan<char> key, long now)
    {
        var hash = _hash.OfText(key);
        return ReaderOf(hash).TryHit(new AskedText<TKey>(key), hash.Place, now);
    }

    /// <summary>Counts a visit of what is held for a key, by a reader who was served more carefully than a plain hit.</summary>
    public void Touch(TKey key, long now)
    {
        var hash = _hash.Of(key);
        ReaderOf(hash).Touch(key, hash.Place, now / TimeSpan.TicksPerMillisecond);
    }

    /// <summary>What is held for a key, in full.</summary>
    public bool TryGet(TKey key, [NotNullWhen(true)] out Entry<TValue>? entry)
    {
        var hash = _hash.Of(key);
        entry = ShardOf(hash).Read(key, hash.Place);
        return entry is not null;
    }

    /// <summary>A key that is held, by two numbers drawn from 0 to 1; false if none is held near there in any shard.</summary>
    public bool TryDraw(double shard, double place, out TKey? key)
    {
        int n;
        for (n = (int)(shard * _readers.Length); !Volatile.Read(ref _readers[n % _readers.Length]).TryKeyFrom(place, SlotsPerLook, out key) && n < 2 * _readers.Length; n++)
        {
        }

        return n < 2 * _readers.Length;
    }

    /// <summary>When what is held for a key was loaded; null if nothing is, or if it is being written to.</summary>
    public long? LoadedAt(TKey key) => PlaceOf(key) is { Owner: EntrySlots<TKey, TValue> slots } place ? slots.LoadedAt(place) : null;

    /// <summary>Where a key's entry is; nowhere if nothing is held. A glance, as many callers may wait for the same key.</summary>
    public SlotPlace PlaceOf(TKey key)
    {
        var hash = _hash.Of(key);
        var place = ReaderOf(hash).PlaceOf(key, hash.Place, out var isCertain);
        return isCertain ? place : ShardOf(hash).PlaceOf(key, hash.Place);
    }

    /// <summary>Stores an entry in place of the one before. Called under the key's stripe.</summary>
    public void Set(TKey key, Entry<TValue> entry)
    {
        var hash = _hash.Of(key);
        var isHot = _hot?.IsHot(key) ?? false;
        if (!isHot && _keepsHotAlone)
        {
            // What it would have replaced is older than it.
            ShardOf(hash).Remove(key, hash.Place, EvictionCause.Capacity);
            return;
        }

        ShardOf(hash).Set(key, hash.Place, entry);
        if (isHot)
        {
            ReaderOf(hash).Protect(key, hash.Place);
        }
    }

    /// <summary>Keeps what is held of a key from eviction for a while.</summary>
    public void Protect(TKey key)
    {
        var hash = _hash.Of(key);
        ReaderOf(hash).Protect(key, hash.Place);
    }

    /// <summary>From now on treats hot keys as such, and where nothing else is to be kept keeps them alone.</summary>
    public void Treat(HotKeyFinder<TKey> hot, bool keepsHotAlone) => (_hot, _keepsHotAlone) = (hot, keepsHotAlone);

    /// <summary>Removes whatever is held for a key. Called under the key's stripe.</summary>
    public void Remove(TKey key, EvictionCause cause)
    {
        var hash = _hash.Of(key);
        ShardOf(hash).Remove(key, hash.Place, cause);
    }

    /// <summary>Removes an entry that was found here, if it is still the one held.</summary>
    public void Remove(TKey key, Entry<TValue> entry, EvictionCause cause) => ShardOf(_hash.Of(key)).Remove(entry.Place, cause);

    /// <summary>Marks what is held for a key as stale since a time. Called under the key's stripe.</summary>
    public void MarkInvalidated(TKey key, long since)
    {
        var hash = _hash.Of(key);
        ShardOf(hash).MarkInvalidated(key, hash.Place, since);
    }

    /// <summary>Notes until when the source need not be asked for an entry that was found here; false if it is held no more.</summary>
    public bool TryPause(TKey key, Entry<TValue> entry) => ShardOf(_hash.Of(key)).TryPause(entry.Place, entry.RetryAt);

    /// <summary>Notes that an entry that was found here has been proven valid as of a later sequence.</summary>
    public void Affirm(TKey key, Entry<TValue> entry) => ShardOf(_hash.Of(key)).Affirm(key, entry);

    /// <summary>Removes every entry that a condition names, by looking at each, some at a time. Only for when the shared tier cannot be told of a scope's change, and so
    /// there is no floor to compare with.</summary>
    public void RemoveWhere(Func<Entry<TValue>, bool> condition) => Walk((slots, first, end) => slots.RemoveWhere(condition, first, end));

    /// <summary>Has something done with all slots, some at a time under their shard's lock, so that nobody waits for the whole.</summary>
    public void Walk(Action<ShardTable<TKey, TValue>, int, int> withSlots)
    {
        foreach (var shard in _shards)
        {
            for (var first = 0; shard.Walk(first, SlotsPerLook, withSlots); first += SlotsPerLook)
            {
            }
        }
    }

    /// <summary>Lets everything go, in one step for each shard however much there is.</summary>
    public void Clear() => Array.ForEach(_shards, shard => shard.Clear());

    /// <summary>Sets how much of the budget is this keyspace's at least and at most.</summary>
    public void Limit(long bytesMin, long bytesMax)
    {
        foreach (var shard in _shards)
        {
            shard.QuotaPromised = bytesMin / _shards.Length;
            shard.QuotaMax = bytesMax / _shards.Length;
            _budget.Reserve(shard);
            if (shard.Quota > shard.QuotaMax)
            {
                _budget.Return(shard.Yield(shard.Quota - shard.QuotaMax, int.MaxValue));
            }
        }
    }

    /// <summary>The age in milliseconds that a share of the entries had not reached when they had to go for want of room; 0 if none had to.</summary>
    public double AgeAtEviction(double share)
    {
        Span<long> counts = stackalloc long[AgeHistogram.Buckets];
        counts.Clear();
        foreach (var shard in _shards)
        {
            shard.AgesAtEviction.AddTo(counts);
        }

        return AgeHistogram.Quantile(counts, share);
    }

    /// <summary>For tests: throws if any part contradicts another.</summary>
    public void Validate() => Array.ForEach(_shards, shard => shard.Validate());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SlotReader<TKey, TValue> ReaderOf(HashedKey hash)
    {
        var readers = _readers;
        return Volatile.Read(ref readers[(int)hash.Shard & (readers.Length - 1)]);
    }

    private Shard<TKey, TValue> ShardOf(HashedKey hash) => _shards[(int)hash.Shard & (_shards.Length - 1)];
}
