namespace Catalog.Page;

/// <summary>
/// Counts durations in buckets that grow by a twelfth (eight to an octave), from 10 ns to about a minute: a percentile is right to
/// within 5 %. It covers a window of some seconds, because a p99 over one quiet second is the luck of a few requests. Any thread
/// records; one thread reads and turns the window.
/// </summary>
internal sealed class DurationHistogram(int windowSeconds)
{
    /// <summary>Where every event is recorded.</summary>
    public const int UsualSeconds = 5;

    /// <summary>Where one in a thousand is, as with hits in this process.</summary>
    public const int SampledSeconds = 120;

    /// <summary>Fewer have no hundredth part.</summary>
    private const int P99CountMin = 100;

    private const int BucketsPerOctave = 8;
    private const int Octaves = 33;
    private const double SmallestSeconds = 1e-8;

    private readonly int[][] _seconds = [.. Enumerable.Range(0, windowSeconds).Select(_ => new int[Octaves * BucketsPerOctave])];
    private int _current;

    public void Record(double seconds)
    {
        int bucket = (int)(Math.Log2(Math.Max(seconds, SmallestSeconds) / SmallestSeconds) * BucketsPerOctave);
        int[] counts = _seconds[Volatile.Read(ref _current)];
        Interlocked.Increment(ref counts[Math.Min(bucket, counts.Length - 1)]);
    }

    /// <summary>The window's percentiles, or null if nothing was recorded in it.</summary>
    public Spread? Read()
    {
        int[] sum = new int[Octaves * BucketsPerOctave];
        foreach (int[] second in _seconds)
        {
            for (int bucket = 0; bucket < sum.Length; bucket++)
            {
                sum[bucket] += second[bucket];
            }
        }

        long total = sum.Sum(count => (long)count);
        return total == 0
            ? null
            : new Spread(Percentile(sum, total, 0.50), total < P99CountMin ? null : Percentile(sum, total, 0.99), Percentile(sum, total, 1));
    }

    /// <summary>Begins the next second and forgets the oldest.</summary>
    public void Turn()
    {
        int next = (_current + 1) % _seconds.Length;
        Array.Clear(_seconds[next]);
        Volatile.Write(ref _current, next);
    }

    private static double Percentile(int[] counts, long total, double share)
    {
        long wanted = (long)Math.Ceiling(total * share);
        int bucket = 0;
        for (long seen = counts[0]; seen < wanted; seen += counts[bucket])
        {
            bucket++;
        }

        // The middle of the bucket, on its own scale.
        return SmallestSeconds * Math.Pow(2, (bucket + 0.5) / BucketsPerOctave) * 1e3;
    }
}
