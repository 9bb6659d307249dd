namespace Millpond.Local;

/// <summary>
/// Which keys were turned away lately. One that comes back would have been a hit had the window been wider: the only sign of that while the window is
/// too narrow to see any hit. The idea of such a ghost is that of ARC (Megiddo and Modha 2003).
/// </summary>
/// <remarks>Cost: O(1), one cache line, 2 bytes for each entry held. A key has one cell, which holds 16 bits of its hash until another key of that cell is turned
/// away: after as many rejections as there are cells, a third of the keys are still known. One in 65,535 strangers is taken for one. The cells grow one by
/// one with the entries; the keys whose cell changes by that are forgotten, which is harmless.</remarks>
internal sealed class RecentRejects
{
    private const int CellsMin = 32;
    private const int CellsPerChunk = 1_024;

    // The weight of what is turned away, averaged over the last 64 or so: often not that of what is kept.
    private const double Smoothing = 1.0 / 64;

    private ushort[][] _chunks = [new ushort[CellsPerChunk]];
    private int _cells = CellsMin;
    private double _meanWeight;

    /// <summary>How much more room would have kept what is known here.</summary>
    public double BytesCovered => Math.Max(1, _cells * _meanWeight);

    public long Bytes => (long)_chunks.Length * CellsPerChunk * sizeof(ushort);

    /// <summary>Grows with the number of entries held, one cell per call at most; never shrinks.</summary>
    public void Fit(int entries)
    {
        if (_cells >= entries)
        {
            return;
        }

        if (_cells == _chunks.Length * CellsPerChunk)
        {
            Array.Resize(ref _chunks, _chunks.Length + 1);
            _chunks[^1] = new ushort[CellsPerChunk];
        }

        _cells++;
    }

    public void Add(ulong mixed, uint weight)
    {
        CellOf(mixed) = MarkOf(mixed);
        _meanWeight += (weight - _meanWeight) * (_meanWeight == 0 ? 1 : Smoothing);
    }

    /// <summary>Whether a key was turned away lately; that is known once only.</summary>
    public bool Take(ulong mixed)
    {
        ref var cell = ref CellOf(mixed);
        if (cell != MarkOf(mixed))
        {
            return false;
        }

        cell = 0;
        return true;
    }

    // Zero is an empty cell.
    private static ushort MarkOf(ulong mixed) => (ushort)Math.Max(1, (mixed >> 32) & ushort.MaxValue);

    private ref ushort CellOf(ulong mixed)
    {
        var cell = LinearHash.BucketOf((uint)mixed, _cells);
        return ref _chunks[cell / CellsPerChunk][cell % CellsPerChunk];
    }
}
