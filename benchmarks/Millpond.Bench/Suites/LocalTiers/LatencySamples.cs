using System.Diagnostics;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>Single durations, each kept as it was measured: no average hides the slow ones.</summary>
internal sealed class LatencySamples(int most)
{
    private static readonly double NsPerStamp = 1e9 / Stopwatch.Frequency;
    private readonly long[] _stamps = new long[most];
    private bool _isSorted;

    public int Count { get; private set; }

    public void Add(long stamps)
    {
        _stamps[Count++] = stamps;
        _isSorted = false;
    }

    /// <summary>The duration in nanoseconds that a share of all were no longer than.</summary>
    public double Quantile(double share)
    {
        if (!_isSorted)
        {
            Array.Sort(_stamps, 0, Count);
            _isSorted = true;
        }

        return Count == 0 ? double.NaN : _stamps[Math.Min(Count - 1, (int)(Count * share))] * NsPerStamp;
    }
}
