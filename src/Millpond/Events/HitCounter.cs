using System.Runtime.CompilerServices;

namespace Millpond.Events;

/// <summary>
/// Counts local hits, exactly and for next to nothing: each thread adds to cells of its own (<see cref="ThreadCells"/>), and a reader sums them. The sum is exact once the
/// adders are still.
/// </summary>
internal sealed class HitCounter
{
    private const int Kinds = 4;

    // Two cache lines on either side, because processors fetch lines in pairs.
    private const int First = 16;

    // Enough to draw a histogram of any keyspace that is busy enough to need one; reading the clock for them costs a hit a tenth of a nanosecond.
    private const int HitsPerSample = 1024;

    private readonly Lock _gate = new();
    private long[]?[] _threads = [];

    /// <summary>The cells of this thread.</summary>
    public long[] Mine
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var threads = _threads;
            var thread = ThreadCells.Mine;
            return (uint)thread < (uint)threads.Length && threads[thread] is { } cells ? cells : Make(thread);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(long[] mine, int kind) => mine[First + kind]++;

    /// <summary>Whether this thread's next hit is one of those that are timed and whose age is noted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSample(long[] mine) => (mine[First] & (HitsPerSample - 1)) == HitsPerSample - 1;

    public static int KindOf(bool negative, bool stale) => (negative ? 2 : 0) + (stale ? 1 : 0);

    public long Sum(int kind)
    {
        var sum = 0L;
        foreach (var cells in Volatile.Read(ref _threads))
        {
            sum += cells is null ? 0 : Volatile.Read(ref cells[First + kind]);
        }

        return sum;
    }

    private long[] Make(int thread)
    {
        lock (_gate)
        {
            if (thread >= _threads.Length)
            {
                // The cells stay the same ones, so what is being added meanwhile is not lost.
                var more = new long[]?[Math.Max(thread + 1, _threads.Length * 2)];
                _threads.CopyTo(more, 0);
                Volatile.Write(ref _threads, more);
            }

            return _threads[thread] ??= new long[First + Kinds + First];
        }
    }
}
