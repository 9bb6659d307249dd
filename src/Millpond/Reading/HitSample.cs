namespace Millpond.Reading;

/// <summary>
/// Chooses the hits that are timed and whose age is noted: one in so many on each thread. Not a generic type, because a thread's own field of one is a look-up away.
/// </summary>
internal static class HitSample
{
    // Enough to draw a histogram of any keyspace that is busy enough to need one; the two readings of the clock cost then less than a tenth of a nanosecond a hit.
    public const int HitsPerSample = 1024;

    [ThreadStatic]
    private static int t_count;

    /// <summary>True once in <see cref="HitsPerSample"/> calls on this thread.</summary>
    public static bool IsDue() => (++t_count & (HitsPerSample - 1)) == 0;
}
