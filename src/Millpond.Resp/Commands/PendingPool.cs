namespace Millpond.Resp.Commands;

/// <summary>
/// Objects of one type to be used again: a few for each thread, without a lock, and a shared reserve between the threads that let go more than they take and those
/// that take more.
/// </summary>
internal static class PendingPool<T>
    where T : class, IPooled<T>, new()
{
    // A thread's own: what a burst of callers on one thread takes before it lets go. The reserve: as many as one connection has in flight at most by default.
    private const int OwnMax = 128;
    private const int MovedAtOnce = OwnMax / 2;
    private const int SharedMax = 16_384;

    private static readonly Lock Gate = new();
    private static readonly PoolLedger Ledger = PoolLedger.Open(() => _sharedCount);
    private static T? _shared;
    private static int _sharedCount;

    [ThreadStatic]
    private static Own? _own;

    public static T Take()
    {
        var own = _own ??= new Own();
        if (own.First is null)
        {
            TakeShared(own);
        }

        if (own.First is not { } taken)
        {
            Ledger.Made();
            return new T();
        }

        (own.First, taken.NextPooled) = (taken.NextPooled, null);
        own.Count--;
        return taken;
    }

    public static void Return(T item)
    {
        var own = _own ??= new Own();
        if (own.Count == OwnMax)
        {
            ReturnShared(own);
        }

        (item.NextPooled, own.First) = (own.First, item);
        own.Count++;
    }

    private static void TakeShared(Own own)
    {
        // Looked at without the gate: too many or too few is a matter of speed.
        if (_sharedCount == 0)
        {
            return;
        }

        lock (Gate)
        {
            for (; own.Count < MovedAtOnce && _shared is { } item; own.Count++, _sharedCount--)
            {
                (_shared, item.NextPooled, own.First) = (item.NextPooled, own.First, item);
            }
        }
    }

    private static void ReturnShared(Own own)
    {
        lock (Gate)
        {
            for (var i = 0; i < MovedAtOnce; i++)
            {
                var item = own.First!;
                (own.First, item.NextPooled) = (item.NextPooled, null);
                own.Count--;
                if (_sharedCount < SharedMax)
                {
                    (item.NextPooled, _shared) = (_shared, item);
                    _sharedCount++;
                }
                else
                {
                    Ledger.Dropped(1);
                }
            }
        }
    }

    /// <summary>One thread's. It goes with its thread.</summary>
    private sealed class Own : PoolLedger.IShelf
    {
        public Own() => Ledger.Add(this);

        ~Own() => Ledger.Dropped(Count);

        public T? First { get; set; }

        public int Count { get; set; }
    }
}

/// <summary>An object that links itself into a pool's list.</summary>
internal interface IPooled<T>
{
    T? NextPooled { get; set; }
}
