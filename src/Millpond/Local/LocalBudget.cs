namespace Millpond.Local;

/// <summary>A local tier as its budget sees it.</summary>
internal interface ILocalShare
{
    long Bytes { get; }

    long BytesMin { get; }

    /// <summary>Evicts one entry.</summary>
    /// <returns>What it weighed; 0 if there is none.</returns>
    long EvictOne();
}

/// <summary>
/// The bytes that all keyspaces of a cache share. Whoever stores past the limit makes room at once, on its own thread, from the keyspace that is
/// furthest above its floor; so there is no background work, and one keyspace cannot drown another below its floor.
/// </summary>
internal sealed class LocalBudget
{
    // A store over the limit evicts at least this many entries or twice what it brought, whichever is more: so the whole comes back within its
    // limit even where large entries push out small ones, and yet no single store pays for all that others brought.
    private const int EvictionsPerStore = 64;

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
    /// <param name="stored">What the store brought, in bytes; without it there is no bound.</param>
    public void MakeRoom(long stored = long.MaxValue / 2)
    {
        var freed = 0L;
        for (var n = 0; Bytes > BytesMax && (n < EvictionsPerStore || freed < 2 * stored); n++)
        {
            if (FurthestAboveFloor() is not { } share || share.EvictOne() is var weight && weight == 0)
            {
                return;
            }

            freed += weight;
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
