namespace Millpond.Local;

/// <summary>
/// The hits that a shard would lose by giving up a byte: how often its likely victims are asked for again, over the time in which that was counted. O(1).
/// </summary>
/// <remarks>
/// <para>An entry that was never asked for again is worth next to nothing whatever its rate of arrival, so a scan in one keyspace takes no room from another.
/// What many keys that came once leave in the sketch looks like hits; keys that nobody ever asked for show how much of a count is that.</para>
/// <para>Halving the counts halves the time that they stand for: a constant rate reads the same before and after, exact up to the time between two
/// looks.</para>
/// </remarks>
internal sealed class WorthEstimate(SlotNodes nodes, FrequencySketch sketch)
{
    // One victim says little of those behind it: at the lower end of the popular ones hits are rare. So this averages over the last dozen looked at.
    private const double Smoothing = 1.0 / 16;

    // Hits that an entry without any is taken to have, so that among those the one counted for longest goes first.
    private const double Doubt = 1.0 / 1_024;

    // The golden ratio in 32 bits: its multiples are spread evenly, and no two are equal.
    private const uint Stride = 0x9E37_79B1;

    private double _span;
    private long _seen = long.MinValue;
    private int _halvings;
    private uint _stranger;
    private double _asked;
    private double _weight;
    private double _noise;

    /// <summary>Hits per byte and unit of time, given the oldest slots of both queues; infinite when there are none.</summary>
    public double At<TSlots>(long now, int slot, int other, ref TSlots slots)
        where TSlots : struct, ISlots
    {
        Lengthen(now);
        if (slot == SlotQueue.None && other == SlotQueue.None)
        {
            return double.PositiveInfinity;
        }

        var (asked, weight) = Lesser(Look(slot, ref slots), Look(other, ref slots));
        var smoothing = _weight == 0 ? 1 : Smoothing;
        _asked += (asked - _asked) * smoothing;
        _weight += (weight - _weight) * smoothing;
        _noise += (sketch.Estimate(_stranger += Stride) - _noise) * smoothing;

        // Its own arrival, which came on top of the noise, is not a hit either.
        return (Math.Max(0, _asked - 1 - _noise) + Doubt) / Math.Max(1, _weight) / Math.Max(1, _span);
    }

    private static (double Asked, double Weight) Lesser((double Asked, double Weight) one, (double Asked, double Weight) other) =>
        one.Asked * other.Weight <= other.Asked * one.Weight ? one : other;

    private (double Asked, double Weight) Look<TSlots>(int slot, ref TSlots slots)
        where TSlots : struct, ISlots =>
        slot == SlotQueue.None ? (double.PositiveInfinity, 1) : (sketch.Estimate(slots.HashOf(slot)), Math.Max(1, nodes[slot].Weight));

    private void Lengthen(long now)
    {
        _span += _seen == long.MinValue ? 0 : Math.Max(0, now - _seen);
        _seen = now;
        for (; _halvings < sketch.Halvings; _halvings++)
        {
            _span /= 2;
        }
    }
}
