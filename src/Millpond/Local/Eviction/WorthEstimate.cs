namespace Millpond.Local;

/// <summary>
/// The hits that a shard would gain by a byte more, which is about what it would lose by giving one up: how often keys come back that were evicted lately, for the
/// room that would have kept them. O(1).
/// </summary>
/// <remarks>What never comes back is worth next to nothing however fast it arrives, so a scan in one keyspace takes no room from another. Estimated from
/// counts in the sketch instead, a scan five times as busy as the rest took nine tenths of a shared budget.</remarks>
internal sealed class WorthEstimate
{
    // Half of what was seen is forgotten after as many misses as there are entries; longer memories swing, by up to a point of all hits.
    private const int MissesMin = 256;

    // Hits that an entry is taken to have without evidence, so that among shards to which nothing comes back the one with the heaviest entries gives first,
    // and of two alike the one watched for longest. Small against what a shard has that anything comes back to.
    private const double Doubt = 0.000_1;

    private double _cameBack;
    private double _span;
    private long _seen = long.MinValue;
    private int _misses;

    public void CameBack() => _cameBack++;

    public void Missed(int entries)
    {
        if (++_misses >= Math.Max(MissesMin, entries))
        {
            (_misses, _cameBack, _span) = (0, _cameBack / 2, _span / 2);
        }
    }

    /// <summary>Hits per byte and unit of time. Halving what was seen halves the time that it stands for: a constant rate reads the same before and after.</summary>
    public double At(long now, double bytesKnown, double bytesPerEntry)
    {
        _span += _seen == long.MinValue ? 0 : Math.Max(0, now - _seen);
        _seen = now;
        return ((_cameBack / bytesKnown) + (Doubt / Math.Max(1, bytesPerEntry))) / Math.Max(1, _span);
    }
}
