using System.Net.Sockets;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Connections;

/// <summary>
/// Spares a lone caller the wait for threads to wake. Ordinarily each reply wakes the platform's thread that watches sockets, and that one wakes a thread of the pool, which takes longer than the server's work. So when calls
/// follow each other one by one, the receiving thread continues the caller itself and then lingers: it looks for the next reply for as long as a near server takes, before it leaves the
/// socket to the platform again. The platform's threads wake all the same, because the socket stays with them, but nobody waits for them.
/// </summary>
/// <remarks>
/// <para>It lingers only for a reply that is due, after <see cref="HotAfter"/> calls in a row of which each followed at once upon the one before. A look that finds nothing in time makes it wait for a longer row, up to
/// <see cref="CoolestAfter"/>: a far or slow server costs next to nothing. No more threads of the process linger than leave half of its processors to others, the server among them.</para>
/// <para>While the caller is continued, nobody receives: the place of the receiver is open. The continuing thread takes it again when it comes back. If it stays away, because the caller's code works or
/// blocks, another takes it: whoever sends meanwhile, or at last the timer. So no reply waits longer than <see cref="OpenMax"/> for somebody else's code.</para>
/// </remarks>
internal sealed class Linger : IDisposable
{
    private const int HotAfter = 16;
    private const int CoolestAfter = 16_384;

    // Some 50 us: twice what a server on the same machine takes when it has to wake first.
    private const int LooksMax = 96;
    private const int IdleTicksMax = 50;

    private static readonly TimeSpan OpenMax = TimeSpan.FromMilliseconds(2);
    private static readonly int LingeringMax = Environment.ProcessorCount / 2;
    private static int _lingering;
    private static long _found;

    [ThreadStatic]
    private static Linger? _continuing;

    private readonly Socket _socket;
    private readonly RespSurroundings _surroundings;
    private readonly IThreadPoolWorkItem _receiver;
    private readonly ITimer _timer;
    private int _isOpen;
    private int _isWatched;
    private int _opened;
    private int _seenOpened;
    private int _idleTicks;
    private int _row;
    private int _hotAfter = HotAfter;

    private Linger(Socket socket, RespSurroundings surroundings, IThreadPoolWorkItem receiver)
    {
        (_socket, _surroundings, _receiver) = (socket, surroundings, receiver);
        _timer = surroundings.Time.CreateTimer(static linger => ((Linger)linger!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Null where a stream cannot be looked at without waiting, or where there is one processor, which the server needs.</summary>
    public static Linger? On(Stream stream, RespSurroundings surroundings, IThreadPoolWorkItem receiver)
    {
        if (LingeringMax == 0 || stream is not NetworkStream { Socket: var socket })
        {
            return null;
        }

        socket.Blocking = false;
        return new Linger(socket, surroundings, receiver);
    }

    /// <summary>Replies found by looking, about: for tests. Of the whole process.</summary>
    public static long Found => Volatile.Read(ref _found);

    /// <summary>Whether to continue the caller first: one reply came, nothing else is due, and it has been so for a while.</summary>
    public bool IsHot(int replies, int inFlight)
    {
        if (replies != 1 || inFlight != 0)
        {
            _row = 0;
        }

        return _row >= _hotAfter;
    }

    /// <summary>A caller was continued, and called again or did not. By then the reply may have come already, and another thread be here.</summary>
    public void Continued(long calls) => _row = calls > 0 ? _row + 1 : 0;

    /// <summary>Leaves the receiver's place open while the caller is continued.</summary>
    public void Open()
    {
        _continuing = this;
        _opened++;
        Interlocked.Exchange(ref _isOpen, 1);
        if (Volatile.Read(ref _isWatched) == 0)
        {
            Volatile.Write(ref _isWatched, 1);
            _timer.Change(OpenMax, OpenMax);
        }
    }

    /// <summary>Takes it again. False: another thread is the receiver now.</summary>
    public bool TryClose()
    {
        _continuing = null;
        return Interlocked.CompareExchange(ref _isOpen, 0, 1) == 1;
    }

    /// <summary>Somebody has sent something: if the place is open, and not because this very thread is being continued, another thread is to take it.</summary>
    public void Sent()
    {
        if (Volatile.Read(ref _isOpen) != 0 && _continuing != this)
        {
            Fill();
        }
    }

    /// <summary>Looks for bytes until some have come or it is no longer worth it: null then.</summary>
    public int? Look(Span<byte> buffer)
    {
        if (Interlocked.Increment(ref _lingering) > LingeringMax)
        {
            Interlocked.Decrement(ref _lingering);
            return null;
        }

        try
        {
            for (var i = 0; i < LooksMax; i++)
            {
                if (i > 0)
                {
                    // The server may be waiting for this very processor.
                    Thread.Yield();
                }

                var count = _socket.Receive(buffer, SocketFlags.None, out var error);
                if (error != SocketError.WouldBlock)
                {
                    _found++;
                    _hotAfter = HotAfter;
                    return error == SocketError.Success ? count : throw new SocketException((int)error);
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _lingering);
        }

        (_row, _hotAfter) = (0, Math.Min(_hotAfter * 2, CoolestAfter));
        return null;
    }

    public void Dispose() => _timer.Dispose();

    private void Fill()
    {
        if (Interlocked.CompareExchange(ref _isOpen, 0, 1) == 1)
        {
            _surroundings.Queue(_receiver);
        }
    }

    private void Tick()
    {
        var opened = Volatile.Read(ref _opened);
        if (opened != _seenOpened)
        {
            (_seenOpened, _idleTicks) = (opened, 0);
            return;
        }

        // Open since the last tick.
        Fill();
        if (++_idleTicks > IdleTicksMax)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

            // A full fence: whoever opens from here on sees that nobody watches.
            Interlocked.Exchange(ref _isWatched, 0);
            Fill();
        }
    }
}
