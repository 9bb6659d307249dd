using System.Numerics;

namespace Millpond.Shared.Guarding;

/// <summary>
/// How long calls have taken lately, counted by powers of two cut in four, so that what it says is at most a quarter too long. Older calls count half as much each time that it is
/// aged. Adding is safe for concurrent use; aging belongs to whoever holds the guard's lock.
/// </summary>
internal sealed class RecentLatency
{
    private const int Parts = 4;
    private const int PartBits = 2;

    // Ticks of 100 ns from one up to more than any call takes.
    private readonly int[] _cells = new int[48 * Parts];

    public void Add(long ticks) => Interlocked.Increment(ref _cells[CellOf(Math.Max(ticks, Parts))]);

    /// <summary>What this share of the calls did not exceed, in ticks; 0 if fewer than <paramref name="callsMin"/> are known.</summary>
    public long Quantile(double share, int callsMin)
    {
        long all = 0;
        foreach (var cell in _cells)
        {
            all += cell;
        }

        if (all < callsMin)
        {
            return 0;
        }

        var beyond = (long)(all * (1 - share));
        for (var cell = _cells.Length - 1; cell >= 0; cell--)
        {
            beyond -= _cells[cell];
            if (beyond < 0)
            {
                return EndOf(cell);
            }
        }

        return 0;
    }

    public void Age()
    {
        for (var cell = 0; cell < _cells.Length; cell++)
        {
            // A call added meanwhile may be lost: one in thousands, of what is an estimate.
            _cells[cell] >>= 1;
        }
    }

    private static int CellOf(long ticks)
    {
        var power = BitOperations.Log2((ulong)ticks);
        return (power * Parts) + (int)((ticks >> (power - PartBits)) & (Parts - 1));
    }

    private static long EndOf(int cell) => ((long)(cell % Parts) + Parts + 1) << ((cell / Parts) - PartBits);
}
