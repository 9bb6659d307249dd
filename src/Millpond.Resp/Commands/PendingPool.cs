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
    private static T? _shared;
    private static int _sharedCount;

    [ThreadStatic]
    private static T? _own;

    [ThreadStatic]
    private static int _ownCount;

    public static T Take()
    {
        if (_own is null)
        {
            TakeShared();
        }

        if (_own is not { } taken)
        {
            return new T();
        }

        (_own, taken.NextPooled) = (taken.NextPooled, null);
        _ownCount--;
        return taken;
    }

    public static void Return(T item)
    {
        if (_ownCount == OwnMax)
        {
            ReturnShared();
        }

        (item.NextPooled, _own) = (_own, item);
        _ownCount++;
    }

    private static void TakeShared()
    {
        // Looked at without the gate: too many or too few is a matter of speed.
        if (_sharedCount == 0)
        {
            return;
        }

        lock (Gate)
        {
            for (; _ownCount < MovedAtOnce && _shared is { } item; _ownCount++, _sharedCount--)
            {
                (_shared, item.NextPooled, _own) = (item.NextPooled, _own, item);
            }
        }
    }

    private static void ReturnShared()
    {
        lock (Gate)
        {
            for (var i = 0; i < MovedAtOnce; i++)
            {
                var item = _own!;
                (_own, item.NextPooled) = (item.NextPooled, null);
                _ownCount--;
                if (_sharedCount < SharedMax)
                {
                    (item.NextPooled, _shared) = (_shared, item);
                    _sharedCount++;
                }
            }
        }
    }
}

/// <summary>An object that links itself into a pool's list.</summary>
internal interface IPooled<T>
{
    T? NextPooled { get; set; }
}
