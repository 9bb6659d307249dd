using Millpond.Resp.Commands;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Connections;

/// <summary>
/// One stream to one server, shared by any number of callers. It ends once, for whatever reason, and then hands what was under way back to its dispatchers: each command
/// with whether the server may have seen it.
/// </summary>
/// <remarks>
/// Only the receiving thread empties the queue of replies, also in the end: whoever finds something wrong closes the stream, which ends the receive. So there is one order of
/// replies and one end.
/// </remarks>
internal sealed class Connection : IInboxOwner
{
    private readonly Stream _stream;
    private readonly ConnectionLimits _limits;
    private readonly RespSurroundings _surroundings;
    private readonly Completions _completions;
    private readonly InFlight _inFlight;
    private readonly Outbox _outbox;
    private readonly Inbox _inbox;
    private readonly TaskCompletionSource<RespException> _ended;
    private readonly Func<Pending, RespException> _timedOut;
    private readonly Func<Pending, RespException> _timedOutWaiting;
    private readonly LivenessWatch _liveness;
    private RespException? _cause;

    public Connection(string node, Stream stream, ConnectionLimits limits, RespSurroundings surroundings, Completions completions)
    {
        (Node, _stream, _limits, _surroundings, _completions) = (node, stream, limits, surroundings, completions);
        _inFlight = new InFlight(limits.InFlightMax);
        _outbox = new Outbox(stream, limits, _inFlight, completions, surroundings, thrown => End(Broken(thrown)));
        _inbox = new Inbox(stream, limits, _inFlight, completions, surroundings, this);
        _ended = surroundings.NewCompletion<RespException>();
        _timedOut = pending => pending.Refusal ?? RespErrors.TimedOut(pending, Node, _surroundings.Now, State, Sent.Perhaps);
        _timedOutWaiting = pending => pending.Refusal ?? RespErrors.TimedOut(pending, Node, _surroundings.Now, State, Sent.No);
        _liveness = new LivenessWatch(limits, surroundings.Now);
    }

    public string Node { get; }

    /// <summary>Who is at the other end; set once, after the handshake and before the connection is used.</summary>
    public RespServer? Server { get; set; }

    /// <summary>Ends with the connection, and says why.</summary>
    public Task<RespException> Ended => _ended.Task;

    public bool IsEnding => Volatile.Read(ref _cause) is not null;

    /// <summary>Who hears pushes; set before <see cref="Start"/> or after the handshake, never both ways.</summary>
    public IPushReceiver? Pushes { get; set; }

    public ConnectionState State => new(_inFlight.Count, _outbox.Waiting, _outbox.Gathered, _liveness.SilentTicks(_surroundings.Now));

    public int InFlight => _inFlight.Count;

    public void Count(ActivityCount count) => count.AddConnection(_inFlight.Count, _outbox.Waiting, _outbox.HeldBytes + _inbox.HeldBytes);

    /// <summary>Bytes ever received.</summary>
    public long Received => _inbox.Received;

    public void Start() => _inbox.Start();

    /// <summary>False: it has ended, and the command is still the caller's.</summary>
    public bool TryAdd(Pending pending, ReadOnlySpan<byte> bytes)
    {
        var isAdded = _outbox.TryAdd(pending, bytes);
        _inbox.Sent();
        return isAdded;
    }

    /// <summary>Ends the connection; the first cause stands.</summary>
    public void End(RespException cause)
    {
        if (Interlocked.CompareExchange(ref _cause, cause, null) is null)
        {
            _stream.Dispose();
        }
    }

    /// <summary>Called once in a while: fails what is overdue, asks a silent server for a sign of life, ends a connection that gives none.</summary>
    public void Sweep(long now, Action<Connection> ping)
    {
        _inFlight.FailOverdue(now, _timedOut, _completions);
        _outbox.FailOverdueWaiting(now, _timedOutWaiting);
        switch (_liveness.Look(now, _inbox.Received, _inFlight.Count > 0))
        {
            case LivenessWatch.Verdict.Ask:
                ping(this);
                break;
            case LivenessWatch.Verdict.Dead:
                End(new RespException(
                    RespErrorCode.ConnectionLost,
                    $"{Node} sent nothing for {_limits.SilenceMax.TotalMilliseconds} ms (SilenceMax) although a reply was due; the connection counts as dead.") { Node = Node });
                break;
        }
    }

    bool IInboxOwner.IsPush(RespReader frame) => Pushes?.IsPush(frame) ?? false;

    void IInboxOwner.OnPush(ref RespReader frame) => Pushes?.OnPush(ref frame);

    void IInboxOwner.AfterReplies() => _outbox.AfterReplies();

    void IAfterDrain.AfterDrain() => _outbox.SendScheduled();

    void IInboxOwner.OnEnded(Exception thrown)
    {
        End(Broken(thrown));
        var cause = _cause!;
        var waiting = _outbox.Close();
        for (; _inFlight.Peek() is { } pending; _inFlight.Take())
        {
            GiveBack(pending, cause, _inFlight.Taken < _outbox.Written);
        }

        foreach (var pending in waiting)
        {
            GiveBack(pending, cause, wasWritten: false);
        }

        _ended.TrySetResult(cause);
        _completions.RequestDrain();
    }

    private static void GiveBack(Pending pending, RespException cause, bool wasWritten)
    {
        if (pending.IsDecided)
        {
            pending.Release();
        }
        else
        {
            pending.Dispatcher.Lost(pending, cause, wasWritten);
        }
    }

    private RespException Broken(Exception thrown) => thrown as RespException ?? new RespException(
        RespErrorCode.ConnectionLost, $"the connection to {Node} broke: {thrown.Message}", thrown) { Node = Node };
}
