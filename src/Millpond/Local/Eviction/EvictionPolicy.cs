using System.Runtime.CompilerServices;

namespace Millpond.Local;

/// <summary>
/// Which entry of a shard goes when room is needed. New entries wait in a window; to stay they must have been asked for more often than what would go
/// instead. Within both queues what was hit since it was last passed gets another round.
/// </summary>
/// <remarks>
/// <para>The admission is that of W-TinyLFU (Einziger, Friedman and Manes 2017), the queues are CLOCK's (Corbató 1968), so that a hit only sets a bit in its
/// slot: whatever hits mean is worked out here, on the way of misses. Who is in main stays until somebody more frequent comes, which
/// withstands scans and loops; how much room recency gets is steered by <see cref="WindowSteering"/>, which follows hot sets that move.</para>
/// <para>Cost: O(1) for each call; an eviction passes at most <see cref="PassesMax"/> entries in each queue and looks up <see cref="Admission.AggregatedMax"/> more. 18 bytes a slot,
/// sketch and all. Entries are weighed in bytes; there is no other limit, and this type enforces none: its owner asks for victims until it is content.</para>
/// <para>Not safe for threads: every call is made under the shard's lock. No user code is called.</para>
/// </remarks>
internal sealed class EvictionPolicy
{
    /// <summary>How many entries that were hit an eviction may pass before it takes the next regardless; 16 or 64 do no better on our traces.</summary>
    public const int PassesMax = 32;

    // Arrivals move entries from a window that is too wide into a main queue that has room, before anything must be compared. Two keep up with the steering.
    private const int MovesPerArrival = 2;

    private readonly SlotNodes _nodes = new();
    private readonly SlotQueue _window;
    private readonly SlotQueue _main;
    private readonly FrequencySketch _sketch;
    private readonly RecentVictims _victims = new();
    private readonly SeededHash _hash;
    private readonly WindowSteering _steering = new();
    private readonly Admission _admission;
    private readonly WorthEstimate _worth = new();
    private ulong _chance;

    // What was held before the newest entry arrived: the size that the shard has settled at, whoever limits it.
    private long _settledBytes;

    public EvictionPolicy(ulong seed)
    {
        _window = new(_nodes, SlotRegion.Window);
        _main = new(_nodes, SlotRegion.Main);
        _sketch = new(seed);
        _hash = new(seed);
        _admission = new(_nodes, _sketch);
        _chance = seed | 1;
    }

    public int Count => _window.Count + _main.Count;

    public long Bytes => _window.Bytes + _main.Bytes;

    public int WindowCount => _window.Count;

    public long WindowBytes => _window.Bytes;

    /// <summary>The share of the bytes that the window is to have.</summary>
    public double WindowShare => _steering.Share;

    /// <summary>What the policy's own structures take, in bytes.</summary>
    public long OverheadBytes => ((long)_nodes.Capacity * Unsafe.SizeOf<SlotNode>()) + _sketch.Bytes + _victims.Bytes;

    // A window of at least one usual entry, so that a small cache compares a key with others after its first round, not on arrival.
    private long WindowBytesMax => Math.Max((long)(_steering.Share * _settledBytes), Bytes / Math.Max(1, Count));

    /// <summary>A new entry was placed in a slot, after a miss. <paramref name="weight"/> is in bytes, from 1 up to <see cref="SlotNodes.WeightMax"/>.</summary>
    public void Added(int slot, uint hash, uint weight)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, SlotNodes.WeightMax);
        _settledBytes = Bytes;
        SpillWindow();
        _nodes.Cover(slot);
        _sketch.Fit(Count + 1);
        _sketch.Increment(hash);
        _victims.Fit(Count + 1);
        Welcome(_victims.Take(_hash.Of(hash)), weight);
        _window.Append(slot, weight);
        _steering.Missed(Count, _window.Bytes, _main.Bytes, _victims.BytesCovered);
        _worth.Missed(Count);
    }

    /// <summary>The same key's value became another: by itself no evidence that anybody wants it.</summary>
    public void Replaced(int slot, uint weight)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, SlotNodes.WeightMax);
        QueueOf(slot).Reweigh(slot, weight);
    }

    /// <summary>The entry was invalidated or has expired.</summary>
    public void Removed(int slot) => QueueOf(slot).Remove(slot);

    /// <summary>Chooses and unlinks a victim, which may be the entry added last; the owner frees the slot. Returns the slot, or -1 when nothing is held.</summary>
    public int EvictOne<TSlots>(ref TSlots slots)
        where TSlots : struct, ISlots
    {
        _settledBytes = Math.Min(_settledBytes, Bytes);
        var exposed = _window.Count > 0 && (_window.Bytes > WindowBytesMax || _main.Count == 0);
        var victim = exposed && _main.Count > 0
            ? Duel(PassHit(_window, ref slots), PassHit(_main, ref slots), ref slots)
            : Concede(PassHit(exposed ? _window : _main, ref slots), ref slots);
        if (victim != SlotQueue.None)
        {
            QueueOf(victim).Remove(victim);
        }

        return victim;
    }

    /// <summary>
    /// What is lost by evicting here: hits per byte and unit of <paramref name="now"/>. Comparable between policies that are given the same clock, so that a
    /// budget shared by many takes from where the least is lost. Infinite when nothing is held.
    /// </summary>
    public double VictimWorth(long now) => Count == 0 ? double.PositiveInfinity : _worth.At(now, _victims.BytesKnown, (double)Bytes / Count);

    public uint WeightOf(int slot) => _nodes[slot].Weight;

    /// <summary>How often a key was asked for lately, as far as the policy had reason to look; up to <see cref="FrequencySketch.EstimateMax"/>.</summary>
    public int UsesOf(uint hash) => _sketch.Estimate(hash);

    /// <summary>For tests: throws when a link, a weight or a count does not add up.</summary>
    public void Validate()
    {
        _window.Validate();
        _main.Validate();
        var linked = 0;
        for (var slot = 0; slot < _nodes.Capacity; slot++)
        {
            linked += _nodes[slot].Region == SlotRegion.None ? 0 : 1;
        }

        if (linked != Count)
        {
            throw new InvalidOperationException($"{linked} slots say that they are in a queue, and the queues hold {Count}.");
        }
    }

    private void SpillWindow()
    {
        for (var moves = 0; moves < MovesPerArrival && _window.Count > 1; moves++)
        {
            var slot = _window.Oldest;
            var weight = _nodes[slot].Weight;
            if (_window.Bytes - weight < WindowBytesMax)
            {
                return;
            }

            _window.Remove(slot);
            _main.Append(slot, weight);
        }
    }

    // The oldest entry that was not hit since it was last passed. Those that were go to the end, and their hits into the sketch and the steering.
    private int PassHit<TSlots>(SlotQueue queue, ref TSlots slots)
        where TSlots : struct, ISlots
    {
        for (var passes = 0; passes < PassesMax && queue.Oldest != SlotQueue.None && slots.TakeHit(queue.Oldest); passes++)
        {
            var slot = queue.Oldest;
            _sketch.Increment(slots.HashOf(slot));
            if (queue == _window)
            {
                _steering.HitInWindow(_nodes[slot].Weight);
            }
            else
            {
                _steering.HitInMain(_nodes[slot].Weight);
            }

            queue.Renew(slot);
        }

        return queue.Oldest;
    }

    // Returns the loser. Candidates that lose leave; a victim that wins goes to the end every other time, so that one that cannot be beaten does not
    // shield those behind it, and those that cannot be beaten are not all worn out by one that nearly can.
    private int Duel<TSlots>(int candidate, int victim, ref TSlots slots)
        where TSlots : struct, ISlots
    {
        if (_admission.Wins(candidate, victim, _steering.WindowIsIdle, ref slots))
        {
            var weight = _nodes[candidate].Weight;
            _window.Remove(candidate);
            _main.Append(candidate, weight);
            return victim;
        }

        if (NextChance())
        {
            _main.Renew(victim);
        }

        _victims.Add(_hash.Of(slots.HashOf(candidate)), _nodes[candidate].Weight, Departure.TurnedAway);
        return candidate;
    }

    // A victim that nothing was compared with.
    private int Concede<TSlots>(int victim, ref TSlots slots)
        where TSlots : struct, ISlots
    {
        if (victim != SlotQueue.None)
        {
            _victims.Add(_hash.Of(slots.HashOf(victim)), _nodes[victim].Weight, Departure.Evicted);
        }

        return victim;
    }

    private void Welcome(Departure departure, uint weight)
    {
        if (departure == Departure.Unknown)
        {
            return;
        }

        _worth.CameBack();
        if (departure == Departure.TurnedAway)
        {
            _steering.CameBack(weight);
        }
    }

    private SlotQueue QueueOf(int slot) => _nodes[slot].Region switch
    {
        SlotRegion.Window => _window,
        SlotRegion.Main => _main,
        _ => throw new InvalidOperationException($"Slot {slot} holds no entry that the policy knows of."),
    };

    // Xorshift (Marsaglia 2003). Its seed is the shard's, so that nobody outside can foresee which victims stay exposed.
    private bool NextChance()
    {
        _chance ^= _chance << 13;
        _chance ^= _chance >> 7;
        _chance ^= _chance << 17;
        return (_chance & 1) == 0;
    }
}
