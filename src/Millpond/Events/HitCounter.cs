using System.Runtime.CompilerServices;

namespace Millpond.Events;

/// <summary>
/// Counts local hits, exactly and for next to nothing: each thread adds to cells of its own (<see cref="ThreadCells"/>), and a reader sums them. The sum is exact once the
/// adders are still.
/// </summary>
internal sealed class HitCounter
{
    /// <summary>How many hits one that is noted for <see cref="HotKeys.HotKeyFinder{TKey}"/> stands for.</summary>
    public const int ReadsPerNote = 128;

    private const int Kinds = 4;

    // After the counts: from which count on a hit is looked at, from which one it is noted, and the state of chance.
    private const int NextLook = First + Kinds;
    private const int NextNote = NextLook + 1;
    private const int Chance = NextNote + 1;
    private const int Cells = Chance + 1;

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

    /// <summary>Whether this thread's next hit is looked at more closely: timed, or noted, or both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLookedAt(long[] mine) => mine[First] >= mine[NextLook];

    /// <summary>Whether the next hit is one of those that are timed and whose age is noted.</summary>
    public static bool IsTimed(long[] mine) => (mine[First] & (HitsPerSample - 1)) == HitsPerSample - 1;

    /// <summary>
    /// Whether a hit that was just counted is noted, and when the next one will be. How many are passed over is drawn anew each time: whoever reads the same keys in the same order over and
    /// over would otherwise have one of them noted for ever, and the others never.
    /// </summary>
    public static bool TakeNote(long[] mine, bool notes)
    {
        var hits = mine[First];
        var noted = notes && hits > mine[NextNote];
        if (noted)
        {
            var chance = (ulong)mine[Chance];
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            mine[Chance] = (long)chance;
            mine[NextNote] = hits + (long)(chance % ((2 * ReadsPerNote) - 1));
        }

        // Where nothing is noted, hits are looked at to be timed alone.
        var nextTimed = hits | (HitsPerSample - 1);
        mine[NextLook] = notes ? Math.Min(mine[NextNote], nextTimed) : nextTimed;
        return noted;
    }

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

            var mine = new long[Cells + First];
            // The same for every thread: which number a thread has is chance that a simulator could not replay.
            mine[Chance] = 0x1E37_79B9_7F4A_7C15;
            mine[NextLook] = mine[NextNote] = ReadsPerNote / 2;
            return _threads[thread] ??= mine;
        }
    }
}
