using Millpond.Resp.Commands;
using Millpond.Resp.Frames;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Connections;

/// <summary>
/// The receiving half of a connection: cuts what arrives into frames and gives each to the command it answers, or to whoever hears pushes.
/// </summary>
/// <remarks>
/// One thread at a time is the receiver. It decides outcomes; then it starts the next receive <em>before</em> it continues the callers, so that a
/// caller that blocks holds up no reply: if bytes arrive, another thread is the receiver by then. A lone caller is continued first; see <see cref="Linger"/>.
/// </remarks>
internal sealed class Inbox : IThreadPoolWorkItem
{
    // One system call's worth: a few hundred small replies.
    private const int ReceiveBytes = 32 * 1024;

    private readonly Stream _stream;
    private readonly ConnectionLimits _limits;
    private readonly InFlight _inFlight;
    private readonly Completions _completions;
    private readonly IInboxOwner _owner;
    private readonly GrowingBuffer _bytes = new();
    private readonly Action _onReceived;
    private readonly Linger? _linger;
    private FrameScanner _scanner;
    private ValueTask<int> _receive;
    private long _received;
    private bool _askingAnswered;

    public Inbox(Stream stream, ConnectionLimits limits, InFlight inFlight, Completions completions, RespSurroundings surroundings, IInboxOwner owner)
    {
        (_stream, _limits, _inFlight, _completions, _owner) = (stream, limits, inFlight, completions, owner);
        _linger = Linger.On(stream, surroundings, this);
        _onReceived = () => Receive(isResumed: true);
    }

    /// <summary>Bytes of the buffer it holds.</summary>
    public long HeldBytes => _bytes.Capacity;

    /// <summary>Bytes ever received.</summary>
    public long Received => Volatile.Read(ref _received);

    public void Start() => Receive(isResumed: false);

    /// <summary>A command was sent, by whichever thread.</summary>
    public void Sent() => _linger?.Sent();

    // The receiver's place was left open, and this thread of the pool is to fill it.
    void IThreadPoolWorkItem.Execute() => Receive(isResumed: false);

    private void Receive(bool isResumed)
    {
        var isReceiver = true;
        try
        {
            for (var hasArrived = isResumed; ; hasArrived = true)
            {
                if (hasArrived)
                {
                    var replies = TakeReceived();
                    _owner.AfterReplies();
                    if (_linger?.IsHot(replies, _inFlight.Count) == true)
                    {
                        isReceiver = false;
                        isReceiver = TryContinueFirst();
                        if (!isReceiver)
                        {
                            return;
                        }

                        if (HasLookedForMore())
                        {
                            continue;
                        }
                    }
                }

                if (!BeginReceive())
                {
                    break;
                }

                // More is there already: whoever waits is continued elsewhere, and this thread stays the receiver.
                _completions.RequestDrain();
            }
        }
        catch (Exception thrown) when (isReceiver)
        {
            _bytes.Return();
            _linger?.Dispose();
            _owner.OnEnded(thrown);
            return;
        }

        var added = _inFlight.Added;
        _completions.Drain(_owner);
        _linger?.Continued(_inFlight.Added - added);
    }

    // False: another thread is the receiver by now.
    private bool TryContinueFirst()
    {
        _linger!.Open();
        _completions.Drain(_owner);
        return _linger.TryClose();
    }

    private bool HasLookedForMore()
    {
        if (_inFlight.Count > 0 && _linger!.Look(_bytes.GetSpan(ReceiveBytes)) is { } count)
        {
            _receive = new ValueTask<int>(count);
            return true;
        }

        return false;
    }

    // True: it has completed already. False: another thread will come back through _onReceived, perhaps before this returns, so nothing here is touched afterwards.
    private bool BeginReceive()
    {
        var space = Math.Max(ReceiveBytes, (int)Math.Min(_scanner.Wanted - _bytes.Length, Math.Max(ReceiveBytes, _bytes.Length)));
        var receive = _stream.ReadAsync(_bytes.GetMemory(space));
        _receive = receive;
        if (receive.IsCompleted)
        {
            return true;
        }

        receive.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onReceived);
        return false;
    }

    // Returns how many frames were taken.
    private int TakeReceived()
    {
        var receive = _receive;
        _receive = default;
        var count = receive.GetAwaiter().GetResult();
        if (count == 0)
        {
            throw new EndOfStreamException("the server closed the connection" + (_bytes.Length > 0 ? " in the middle of a frame" : ""));
        }

        _bytes.Advance(count);
        Volatile.Write(ref _received, _received + count);
        var (used, frames) = (0, 0);
        while (_scanner.TryFinish(_bytes.Span[used..], _limits.Frames, out var length))
        {
            TakeFrame(_bytes.Span.Slice(used, length));
            used += length;
            frames++;
        }

        _bytes.Consume(used);
        if (_bytes.Length == 0)
        {
            _bytes.Clear();
        }

        return frames;
    }

    private void TakeFrame(ReadOnlySpan<byte> frame)
    {
        var reader = new RespReader(frame, _limits.Frames) { Server = _owner.Server };
        reader.ReadNext();
        if (reader.Type == RespType.Push || _owner.IsPush(reader))
        {
            _owner.OnPush(ref reader);
            return;
        }

        var pending = _inFlight.Peek() ?? throw RespException.Protocol("a reply that nothing was asked for.");
        if (pending.IsAsking && !_askingAnswered)
        {
            _askingAnswered = true;
            return;
        }

        var taken = pending.Accept(ref reader, _completions, _owner.Node);
        if (taken != Taken.More)
        {
            _inFlight.Take();
            _askingAnswered = false;
            if (taken == Taken.Whole)
            {
                pending.Release();
            }
        }
    }
}

/// <summary>What a receiving half tells its connection.</summary>
internal interface IInboxOwner : IAfterDrain
{
    string Node { get; }

    /// <summary>Who is at the other end; null before the handshake.</summary>
    RespServer? Server { get; }

    /// <summary>Whether a frame is one that nobody asked for, on a connection where its type alone does not say so.</summary>
    bool IsPush(RespReader frame);

    void OnPush(ref RespReader frame);

    /// <summary>Replies were taken, and the receiver goes on.</summary>
    void AfterReplies();

    /// <summary>The last call: nothing is received any more.</summary>
    void OnEnded(Exception cause);
}
