namespace Millpond.Local;

/// <summary>A local tier as its budget sees it.</summary>
internal interface ILocalShare
{
    long Bytes { get; }

    long BytesMin { get; }

    /// <summary>Evicts one entry; false if there is none.</summary>
    bool EvictOne();
}

/// <summary>
/// The bytes that all keyspaces of a cache share. Whoever stores past the limit makes room at once, on its own thread, from the keyspace that is
/// furthest above its floor; so there is no background work, and one keyspace cannot drown another below its floor.
/// </summary>
internal sealed class LocalBudget
{
    // A single store makes room for itself and a little more; bounded so that the slowest store is bounded too.
    private const int EvictionsPerStoreMax = 64;

    private readonly Lock _gate = new();
    private ILocalShare[] _shares = [];
    private long _bytes;

    public long BytesMax { get; set; } = long.MaxValue;

    public long Bytes => Interlocked.Read(ref _bytes);

    public void Join(ILocalShare share)
    {
        lock (_gate)
        {
            _shares = [.. _shares, share];
        }
    }

    public void Charge(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Evicts until the whole is within its limit, within the bound of one store.</summary>
    public void MakeRoom()
    {
        for (var n = 0; n < EvictionsPerStoreMax && Bytes > BytesMax; n++)
        {
            if (FurthestAboveFloor() is not { } share || !share.EvictOne())
            {
                return;
            }
        }
    }

    private ILocalShare? FurthestAboveFloor()
    {
        ILocalShare? furthest = null;
        foreach (var share in Volatile.Read(ref _shares))
        {
            var above = share.Bytes - share.BytesMin;
            if (above > 0 && (furthest is null || above > furthest.Bytes - furthest.BytesMin))
            {
                furthest = share;
            }
        }

        return furthest;
    }
}
