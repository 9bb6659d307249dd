namespace Millpond.Local;

/// <summary>
/// Over which time the sketch's counts were gathered, so that a count becomes a rate. Halving the counts halves the span: a constant rate then reads the same before and
/// after. O(1); exact up to the time between two looks.
/// </summary>
internal sealed class CountingSpan
{
    private double _span;
    private long _seen = long.MinValue;
    private int _halvings;

    /// <summary>The span at a time, given how often the counts have been halved since the beginning; at least one unit of time.</summary>
    public double At(long now, int halvings)
    {
        if (_seen != long.MinValue)
        {
            _span += Math.Max(0, now - _seen);
        }

        _seen = now;
        for (; _halvings < halvings; _halvings++)
        {
            _span /= 2;
        }

        return Math.Max(1, _span);
    }
}
