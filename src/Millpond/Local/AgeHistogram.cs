using System.Numerics;

namespace Millpond.Local;

/// <summary>
/// How old entries were when they had to go for want of room, by powers of two of a millisecond: what tells whether a budget is large enough. Counted under the shard's lock;
/// read without.
/// </summary>
internal sealed class AgeHistogram
{
    public const int Buckets = 42; // The last one begins at 70 years.

    private readonly long[] _counts = new long[Buckets];

    public void AddNeedsGate(long milliseconds) => _counts[Math.Min(BitOperations.Log2((ulong)Math.Max(milliseconds, 1)), Buckets - 1)]++;

    /// <summary>Adds these counts to others.</summary>
    public void AddTo(Span<long> counts)
    {
        for (var n = 0; n < Buckets; n++)
        {
            counts[n] += Volatile.Read(ref _counts[n]);
        }
    }

    /// <summary>The age that a share of what is counted was below, in milliseconds, exact to a few per cent of its power of two if ages are spread evenly within; 0 if nothing is counted.</summary>
    public static double Quantile(ReadOnlySpan<long> counts, double share)
    {
        var all = 0L;
        foreach (var count in counts)
        {
            all += count;
        }

        var (wanted, below) = (share * all, 0L);
        for (var n = 0; n < counts.Length && all > 0; n++)
        {
            if (below + counts[n] >= wanted && counts[n] > 0)
            {
                return Math.ScaleB(1 + ((wanted - below) / counts[n]), n);
            }

            below += counts[n];
        }

        return 0;
    }
}
