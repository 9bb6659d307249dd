using System.Numerics;

namespace Millpond.HotKeys;

/// <summary>
/// The keys that are asked for most, out of any number, in a fixed number of counters: Space-Saving (Metwally, Agrawal and El Abbadi, ICDT 2005), with counts that fade.
/// </summary>
/// <remarks>
/// <para>A key that has a counter is counted there. One that has none takes over the counter with the least, and begins at what that one had, which is noted as what it may be too much by. So with k
/// counters, every key that was asked for more than 1/k of all times has one, no count is too low, and none is too high by more than 1/k of all. What is certain about a key is its count less that.</para>
/// <para>Counters hang in chains by their key's hash, which they keep: a key that loses its counter is not looked at again, because by then it lies in memory that nobody has touched for long. Taking over costs a look at a few counters: a mark of what the least is at least moves up only when no counter is left at it. Nothing is allocated once it is full. Not safe for threads.</para>
/// </remarks>
internal sealed class SpaceSaving<TKey>(int countersMax)
    where TKey : notnull
{
    private const int None = -1;

    private readonly Counter[] _counters = new Counter[countersMax];
    private readonly int[] _chains = NewChains(countersMax);
    private int _used;
    private int _hand;
    private double _least;

    /// <summary>All that was counted, faded as the counts are.</summary>
    public double Total { get; private set; }

    public ReadOnlySpan<Counter> Counters => _counters.AsSpan(0, _used);

    public void Add(TKey key, double reads)
    {
        Total += reads;
        var hash = key.GetHashCode();
        var place = Find(key, hash);
        ref var counter = ref _counters[place >= 0 ? place : TakeOver(key, hash)];
        counter.Reads += reads;
        counter.Notes++;
    }

    /// <summary>Lets everything fade to a share of what it was.</summary>
    public void Fade(double to)
    {
        Total *= to;
        _least *= to;
        foreach (ref var counter in _counters.AsSpan(0, _used))
        {
            counter.Reads *= to;
            counter.Over *= to;
            counter.Notes *= to;
        }
    }

    private static int[] NewChains(int countersMax)
    {
        var chains = new int[BitOperations.RoundUpToPowerOf2((uint)countersMax * 2)];
        Array.Fill(chains, None);
        return chains;
    }

    private int Find(TKey key, int hash)
    {
        var place = ChainOf(hash);
        while (place >= 0 && (_counters[place].Hash != hash || !EqualityComparer<TKey>.Default.Equals(_counters[place].Key, key)))
        {
            place = _counters[place].Next;
        }

        return place;
    }

    private int TakeOver(TKey key, int hash)
    {
        var place = _used < _counters.Length ? _used++ : Unlink(Least());
        ref var counter = ref _counters[place];
        ref var chain = ref ChainOf(hash);
        counter = new() { Key = key, Hash = hash, Next = chain, Reads = counter.Reads, Over = counter.Reads };
        chain = place;
        return place;
    }

    private int Unlink(int place)
    {
        ref var link = ref ChainOf(_counters[place].Hash);
        while (link != place)
        {
            link = ref _counters[link].Next;
        }

        link = _counters[place].Next;
        return place;
    }

    private ref int ChainOf(int hash) => ref _chains[hash & (_chains.Length - 1)];

    private int Least()
    {
        while (true)
        {
            for (var looks = 0; looks < _counters.Length; looks++)
            {
                _hand = _hand + 1 == _counters.Length ? 0 : _hand + 1;
                if (_counters[_hand].Reads <= _least)
                {
                    return _hand;
                }
            }

            _least = double.PositiveInfinity;
            foreach (ref var counter in _counters.AsSpan())
            {
                _least = Math.Min(_least, counter.Reads);
            }
        }
    }

    /// <summary>What was counted for one key.</summary>
    internal struct Counter
    {
        public TKey Key;

        public int Hash;

        /// <summary>The next one of the same chain.</summary>
        public int Next;

        /// <summary>At most how often it was asked for.</summary>
        public double Reads;

        /// <summary>By how much that may be too high.</summary>
        public double Over;

        /// <summary>How many looks that is worth: a sampled hit is one, and stands for many reads.</summary>
        public double Notes;

        /// <summary>At least how often it was asked for.</summary>
        public readonly double Certain => Reads - Over;
    }
}
