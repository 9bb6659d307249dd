using Millpond.Local;

namespace Millpond.Tests.Local;

/// <summary>A table reduced to what the policy sees: numbered slots, each with a key's hash and a bit, and a limit in bytes that is kept by asking for victims.</summary>
internal sealed class EvictionRig(long bytesMax, ulong seed = 1, Func<int, uint>? hash = null)
{
    private readonly Dictionary<int, int> _slotOfKey = [];
    private readonly List<int> _keys = [];
    private readonly List<uint> _weights = [];
    private readonly Stack<int> _free = [];
    private readonly Func<int, uint> _hash = hash ?? (key => (uint)key * 0x9E37_79B1);
    private Slots _slots = new([], []);

    public EvictionPolicy Policy { get; } = new(seed);

    public IReadOnlyCollection<int> Keys => _slotOfKey.Keys;

    public long BytesHeld => _slotOfKey.Values.Sum(slot => (long)_weights[slot]);

    public List<int> Evicted { get; } = [];

    /// <summary>The most questions that one eviction asked of the table.</summary>
    public int QuestionsMax { get; private set; }

    public bool Holds(int key) => _slotOfKey.ContainsKey(key);

    /// <summary>A read: a hit, or a miss that stores.</summary>
    public bool Read(int key, uint weight = 1)
    {
        if (_slotOfKey.TryGetValue(key, out var slot))
        {
            _slots.Hit[slot] = true;
            return true;
        }

        if (!_free.TryPop(out slot))
        {
            slot = _weights.Count;
            _keys.Add(0);
            _weights.Add(0);
            _slots.Hit.Add(false);
            _slots.Hashes.Add(0);
        }

        (_keys[slot], _slots.Hit[slot], _slots.Hashes[slot], _weights[slot]) = (key, false, _hash(key), weight);
        _slotOfKey[key] = slot;
        Policy.Added(slot, _hash(key), weight);
        MakeRoom();
        return false;
    }

    public double HitRatio(IEnumerable<int> keys)
    {
        var (hits, reads) = (0, 0);
        foreach (var key in keys)
        {
            reads++;
            hits += Read(key) ? 1 : 0;
        }

        return (double)hits / reads;
    }

    public void Replace(int key, uint weight)
    {
        _weights[_slotOfKey[key]] = weight;
        Policy.Replaced(_slotOfKey[key], weight);
        MakeRoom();
    }

    public void Remove(int key)
    {
        _slotOfKey.Remove(key, out var slot);
        Policy.Removed(slot);
        _free.Push(slot);
    }

    public int EvictOne()
    {
        var before = _slots.Questions;
        var slot = Policy.EvictOne(ref _slots);
        QuestionsMax = Math.Max(QuestionsMax, _slots.Questions - before);
        if (slot >= 0)
        {
            _slotOfKey.Remove(_keys[slot]);
            _free.Push(slot);
            Evicted.Add(_keys[slot]);
        }

        return slot;
    }

    public double Worth(long now) => Policy.VictimWorth(now);

    private void MakeRoom()
    {
        while (Policy.Bytes > bytesMax)
        {
            EvictOne();
        }
    }

    private struct Slots(List<bool> hit, List<uint> hashes) : ISlots
    {
        public readonly List<bool> Hit => hit;

        public readonly List<uint> Hashes => hashes;

        public int Questions { get; private set; } = 0;

        public bool TakeHit(int slot)
        {
            Questions++;
            var was = hit[slot];
            hit[slot] = false;
            return was;
        }

        public uint HashOf(int slot)
        {
            Questions++;
            return hashes[slot];
        }
    }
}
