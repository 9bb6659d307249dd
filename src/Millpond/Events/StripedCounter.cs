using System.Runtime.InteropServices;

namespace Millpond.Events;

/// <summary>
/// A counter that a hit can afford: threads add to cells on cache lines of their own, chosen by processor, and a reader sums them. The sum is
/// exact once the adders are still.
/// </summary>
internal sealed class StripedCounter
{
    private static readonly int Stripes = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 64));

    // Made by the first who counts: most of a keyspace's counters never count.
    private Cell[]? _cells;

    public long Value
    {
        get
        {
            var sum = 0L;
            foreach (ref var cell in Volatile.Read(ref _cells).AsSpan())
            {
                sum += Interlocked.Read(ref cell.Count);
            }

            return sum;
        }
    }

    public void Add(long n = 1) => Interlocked.Add(ref (Volatile.Read(ref _cells) ?? Make())[Thread.GetCurrentProcessorId() & (Stripes - 1)].Count, n);

    private Cell[] Make()
    {
        var made = new Cell[Stripes];
        return Interlocked.CompareExchange(ref _cells, made, null) ?? made;
    }

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        // In the middle of two lines, because processors fetch lines in pairs.
        [FieldOffset(64)]
        public long Count;
    }
}
