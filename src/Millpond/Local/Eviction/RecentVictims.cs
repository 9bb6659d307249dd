namespace Millpond.Local;

/// <summary>How an entry that comes back had left.</summary>
internal enum Departure : byte
{
    /// <summary>Not lately, or not by an eviction.</summary>
    Unknown,

    /// <summary>It lost its duel: a wider window would have kept it.</summary>
    TurnedAway,

    /// <summary>It had to go without a duel: more room would have kept it.</summary>
    Evicted,
}

/// <summary>
/// Which keys were evicted lately. One that comes back would have been a hit had there been more room: the only sign of that while a window is too narrow to see
/// any hit. The idea of such a ghost is that of ARC (Megiddo and Modha 2003).
/// </summary>
/// <remarks>Cost: O(1), one cache line, 2 bytes for each entry held. A key has one cell, which holds 15 bits of its hash until another key of that cell is
/// evicted: after as many evictions as there are cells, a third of the keys are still known. One in 32,767 strangers is taken for one. The cells follow the number of
/// entries one by one; the keys whose cell changes by that are forgotten, which is harmless.</remarks>
internal sealed class RecentVictims
{
    private const int CellsMin = 32;
    private const int CellsPerChunk = 1_024;

    // The weight of what goes, averaged over the last 64 or so: often not that of what is kept.
    private const double Smoothing = 1.0 / 64;

    private ushort[][] _chunks = [new ushort[CellsPerChunk]];
    private int _cells = CellsMin;
    private int _known;
    private double _meanWeight;

    /// <summary>How much more room would have kept the last victims, as many as there are cells.</summary>
    public double BytesCovered => Math.Max(1, _cells * _meanWeight);

    /// <summary>How much more room would have kept those that are known and have not come back.</summary>
    public double BytesKnown => Math.Max(1, _known * _meanWeight);

    public long Bytes => (long)_chunks.Length * CellsPerChunk * sizeof(ushort);

    /// <summary>Follows the number of entries held, by one cell per call at most. The memory stays.</summary>
    public void Fit(int entries)
    {
        if (_cells > Math.Max(CellsMin, 2 * (long)entries))
        {
            Empty(ref Cell(_cells - 1));
            _cells--;
        }
        else if (_cells < entries)
        {
            if (_cells == _chunks.Length * CellsPerChunk)
            {
                Array.Resize(ref _chunks, _chunks.Length + 1);
                _chunks[^1] = new ushort[CellsPerChunk];
            }

            _cells++;
        }
    }

    public void Add(ulong mixed, uint weight, Departure departure)
    {
        ref var cell = ref Cell(LinearHash.BucketOf((uint)mixed, _cells));
        _known += cell == 0 ? 1 : 0;
        cell = (ushort)(MarkOf(mixed) | (departure == Departure.Evicted ? 1 : 0));
        _meanWeight += (weight - _meanWeight) * (_meanWeight == 0 ? 1 : Smoothing);
    }

    /// <summary>How a key left lately; that is known once only.</summary>
    public Departure Take(ulong mixed)
    {
        ref var cell = ref Cell(LinearHash.BucketOf((uint)mixed, _cells));
        if ((cell & ~1) != MarkOf(mixed))
        {
            return Departure.Unknown;
        }

        var departure = (cell & 1) == 0 ? Departure.TurnedAway : Departure.Evicted;
        Empty(ref cell);
        return departure;
    }

    // The upper 15 bits of a cell, of which zero is an empty one.
    private static int MarkOf(ulong mixed) => Math.Max(2, (int)(mixed >> 32) & 0xFFFE);

    private void Empty(ref ushort cell)
    {
        _known -= cell == 0 ? 0 : 1;
        cell = 0;
    }

    private ref ushort Cell(int index) => ref _chunks[index / CellsPerChunk][index % CellsPerChunk];
}
