using Millpond.Events;
using Millpond.Runtime;

namespace Millpond.HotKeys;

/// <summary>
/// How evenly a keyspace's asks are spread over its partitions, and so over the shards that have them: counted as they are made, judged once a second by whoever makes one then.
/// </summary>
internal sealed class PartitionLoads(string keyspace, int partitions, Surroundings surroundings, CacheListener listener)
{
    /// <summary>A fifth of all asks on one of sixteen partitions: more than chance and uneven keys bring about.</summary>
    public const double SkewMax = 4;

    private const int SecondMilliseconds = 1_000;
    private const int AsksPerPartitionMin = 20; // With fewer a second, which one has most is chance.
    private const int Stride = 16; // Two cache lines for each, because processors fetch lines in pairs.

    private readonly long[] _asks = new long[(partitions + 1) * Stride];
    private readonly long[] _judged = new long[partitions];
    private readonly Lock _gate = new();
    private long _nextAt;
    private double _skew;

    /// <summary>What the busiest partition was asked in the last second, to the mean of all; 0 if there was too little to tell.</summary>
    public double Skew => surroundings.MillisecondsAtMost - Volatile.Read(ref _nextAt) > SecondMilliseconds ? 0 : Volatile.Read(ref _skew);

    public void Count(int partition)
    {
        Interlocked.Increment(ref _asks[(partition + 1) * Stride]);
        if (surroundings.MillisecondsAtMost >= Volatile.Read(ref _nextAt) && _gate.TryEnter())
        {
            var (raised, asks) = (false, 0L);
            try
            {
                (raised, asks) = JudgeNeedsGate();
            }
            finally
            {
                _gate.Exit();
            }

            if (raised)
            {
                listener.On(new ShardsSkewed(keyspace, Volatile.Read(ref _skew), asks));
            }
        }
    }

    private (bool Raised, long Asks) JudgeNeedsGate()
    {
        var (all, most) = (0L, 0L);
        for (var n = 0; n < partitions; n++)
        {
            var asks = Volatile.Read(ref _asks[(n + 1) * Stride]);
            all += asks - _judged[n];
            most = Math.Max(most, asks - _judged[n]);
            _judged[n] = asks;
        }

        // A quiet spell before this ask makes the second longer, and the sum no larger.
        Volatile.Write(ref _nextAt, surroundings.MillisecondsAtMost + SecondMilliseconds);
        var (before, now) = (_skew, all < AsksPerPartitionMin * partitions ? 0 : most * partitions / (double)all);
        Volatile.Write(ref _skew, now);
        return (before < SkewMax && now >= SkewMax, all);
    }
}
