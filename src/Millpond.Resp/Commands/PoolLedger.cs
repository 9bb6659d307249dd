namespace Millpond.Resp.Commands;

/// <summary>
/// How many of a pool's objects are out: made, and neither in the pool nor dropped by it. It is worked out when asked for, from what the threads hold, so that taking and returning cost nothing for it; it is
/// exact when nobody takes or returns meanwhile. For the whole process: pools are shared by all clients.
/// </summary>
internal sealed class PoolLedger
{
    private static readonly Lock Gate = new();
    private static readonly List<PoolLedger> All = [];

    private readonly Func<int> _shared;
    private readonly List<WeakReference<IShelf>> _shelves = [];
    private long _made;
    private long _dropped;

    private PoolLedger(Func<int> shared) => _shared = shared;

    /// <summary>Objects of all pools that are out.</summary>
    public static long Out
    {
        get
        {
            lock (Gate)
            {
                return All.Sum(ledger => ledger.OutNeedsGate());
            }
        }
    }

    public static PoolLedger Open(Func<int> shared)
    {
        var ledger = new PoolLedger(shared);
        lock (Gate)
        {
            All.Add(ledger);
        }

        return ledger;
    }

    public void Made() => Interlocked.Increment(ref _made);

    public void Dropped(int count) => Interlocked.Add(ref _dropped, count);

    /// <summary>A thread's shelf, held weakly. When its thread is gone it drops what it holds.</summary>
    public void Add(IShelf shelf)
    {
        lock (Gate)
        {
            _shelves.RemoveAll(s => !s.TryGetTarget(out _));
            _shelves.Add(new WeakReference<IShelf>(shelf));
        }
    }

    private long OutNeedsGate() => Volatile.Read(ref _made) - Volatile.Read(ref _dropped) - _shared()
        - _shelves.Sum(s => s.TryGetTarget(out var shelf) ? shelf.Count : 0L);

    /// <summary>What one thread holds.</summary>
    internal interface IShelf
    {
        int Count { get; }
    }
}
