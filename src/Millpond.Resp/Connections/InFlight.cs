using Millpond.Resp.Commands;

namespace Millpond.Resp.Connections;

/// <summary>
/// The commands whose replies are still to come, in the order in which they were written: a ring of fixed size. Written by whoever holds the outbox's gate, consumed by the
/// receiving thread, looked through by the sweep.
/// </summary>
internal sealed class InFlight
{
    private readonly Pending?[] _ring;
    private readonly int _mask;

    // Far apart: one side writes each, the other reads it.
    private PaddedIndex _head;
    private PaddedIndex _tail;

    public InFlight(int capacity)
    {
        _ring = new Pending[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _ring.Length - 1;
    }

    public int Count => (int)(Volatile.Read(ref _tail.Value) - Volatile.Read(ref _head.Value));

    public bool IsFullNeedsGate => Count == _ring.Length;

    /// <summary>How many were ever added; the number of the next.</summary>
    public long Added => Volatile.Read(ref _tail.Value);

    /// <summary>How many were ever taken; the number of the oldest that is there.</summary>
    public long Taken => Volatile.Read(ref _head.Value);

    public void AddNeedsGate(Pending pending)
    {
        var at = _tail.Value;
        _ring[at & _mask] = pending;
        Volatile.Write(ref _tail.Value, at + 1);
    }

    /// <summary>The oldest, by the receiving thread; null if none is there.</summary>
    public Pending? Peek()
    {
        var at = _head.Value;
        return at == Volatile.Read(ref _tail.Value) ? null : _ring[at & _mask];
    }

    public void Take()
    {
        var at = _head.Value;
        _ring[at & _mask] = null;
        Volatile.Write(ref _head.Value, at + 1);
    }

    /// <summary>
    /// Fails everything whose deadline is over. Called by the sweep while the ring moves on: an entry counts as seen only if it is still there after its life was read, and a
    /// life that is over can no longer be failed. What the error says of a command is asked only once its outcome is decided, because until then the object may be another's.
    /// </summary>
    /// <returns>When the oldest that is still undecided was issued; <see cref="long.MaxValue"/> if there is none.</returns>
    public long FailOverdue(long now, Func<Pending, RespException> error, Completions completions)
    {
        var oldest = long.MaxValue;
        var end = Volatile.Read(ref _tail.Value);
        for (var at = Volatile.Read(ref _head.Value); at < end; at++)
        {
            if (Volatile.Read(ref _ring[at & _mask]) is not { } pending)
            {
                continue;
            }

            var life = pending.Life;
            var (deadline, issued) = (pending.Deadline, pending.IssuedAt);
            if (Volatile.Read(ref _head.Value) > at || pending.IsDecided)
            {
                continue;
            }

            if (deadline <= now)
            {
                pending.Fail(error, life, completions);
            }

            oldest = Math.Min(oldest, issued);
        }

        return oldest;
    }

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 192)]
    private struct PaddedIndex
    {
        [System.Runtime.InteropServices.FieldOffset(64)]
        public long Value;
    }
}
