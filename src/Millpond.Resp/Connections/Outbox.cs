using Millpond.Resp.Commands;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Connections;

/// <summary>
/// The sending half of a connection. Callers' commands enter one buffer in the same order as they enter the queue of replies. Commands that find the queue full wait here in
/// order, within a bound.
/// </summary>
internal sealed class Outbox
{
    // Up to this many under way a lone caller's latency is what counts; above, one system call for several commands.
    private const int SentAtOnceMax = 4;

    private readonly Lock _gate = new();
    private readonly ConnectionLimits _limits;
    private readonly InFlight _inFlight;
    private readonly Completions _completions;
    private readonly Sender _sender;
    private readonly Queue<Pending> _waiting = new();
    private bool _isClosed;
    private bool _isAdmitting;

    public Outbox(Stream stream, ConnectionLimits limits, InFlight inFlight, Completions completions, RespSurroundings surroundings, Action<Exception> onFailure)
    {
        (_limits, _inFlight, _completions) = (limits, inFlight, completions);
        _sender = new Sender(_gate, stream, inFlight, surroundings, AdmitWaiting, onFailure);
    }

    /// <summary>The number of the first command in flight that was not handed to the network yet.</summary>
    public long Written => _sender.Written;

    public int Waiting => _waiting.Count;

    /// <summary>Bytes of the buffers it holds.</summary>
    public long HeldBytes => _sender.HeldBytes;

    /// <summary>Bytes gathered and not yet handed to the network.</summary>
    public int Gathered => _sender.Gathered;

    /// <summary>Queues a command, written as <paramref name="bytes"/>, for its reply; lets it wait for room; or fails it. False: closed, and the command is still the
    /// caller's.</summary>
    public bool TryAdd(Pending pending, ReadOnlySpan<byte> bytes)
    {
        var (duty, isRefused, isRoom) = (Sender.Duty.None, false, false);
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            if (_waiting.Count == 0 && !_isAdmitting && HasRoomNeedsGate(bytes.Length))
            {
                duty = AddNeedsGate(pending, bytes, _completions.IsDrainingMore || _inFlight.Count >= SentAtOnceMax ? Sender.When.Soon : Sender.When.Now);
            }
            else if (_waiting.Count < _limits.WaitingMax)
            {
                _waiting.Enqueue(pending);

                // The last reply may have come since we looked for room, and the receiver have looked for us before we stood here: then nobody else would ever let us in. One of the
                // two sees the other, because both put a fence between writing and looking; see AfterReplies.
                Interlocked.MemoryBarrier();
                isRoom = HasRoomNeedsGate(0);
            }
            else
            {
                isRefused = true;
            }
        }

        _sender.Send(duty);
        if (isRoom)
        {
            AdmitWaiting();
        }

        if (isRefused)
        {
            pending.Fail(RespErrors.QueueFull(pending, _limits), pending.Life, _completions);
            pending.Release();
        }

        return true;
    }

    /// <summary>By the receiver, when replies have made room.</summary>
    public void AfterReplies()
    {
        Interlocked.MemoryBarrier();
        AdmitWaiting();
    }

    /// <summary>Lets waiting commands in, in order, as far as there is room again.</summary>
    public void AdmitWaiting()
    {
        while (_waiting.Count > 0 && TryTakeWaiting() is { } pending)
        {
            if (WriteUnlessDecided(pending) is not { } bytes)
            {
                continue;
            }

            var (duty, isClosed) = (Sender.Duty.None, false);
            lock (_gate)
            {
                (_isAdmitting, isClosed) = (false, _isClosed);
                duty = isClosed ? duty : AddNeedsGate(pending, bytes.Span, Sender.When.Soon);
            }

            CommandBytes.Return(bytes);
            if (isClosed)
            {
                pending.Dispatcher.Lost(pending, RespErrors.Closed(pending), wasWritten: false);
            }

            _sender.Send(duty);
        }
    }

    /// <summary>Sends what was put off, if nobody did yet.</summary>
    public void SendScheduled() => _sender.SendScheduled();

    /// <summary>Takes nothing any more. Returns what waited.</summary>
    public Pending[] Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _sender.CloseNeedsGate();
            var waiting = _waiting.ToArray();
            _waiting.Clear();
            return waiting;
        }
    }

    public void FailOverdueWaiting(long now, Func<Pending, RespException> error)
    {
        lock (_gate)
        {
            foreach (var pending in _waiting)
            {
                if (pending.Deadline <= now && !pending.IsDecided)
                {
                    pending.Fail(error, pending.Life, _completions);
                }
            }

            // Whom nobody waits for any more takes no place from those who come.
            while (_waiting.TryPeek(out var first) && first.IsDecided)
            {
                _waiting.Dequeue().Release();
            }
        }
    }

    private bool HasRoomNeedsGate(int bytes) =>
        !_inFlight.IsFullNeedsGate && (_sender.Gathered == 0 || _sender.Gathered + (long)bytes <= _limits.GatheredBytesMax);

    private Sender.Duty AddNeedsGate(Pending pending, ReadOnlySpan<byte> bytes, Sender.When when)
    {
        _inFlight.AddNeedsGate(pending);
        return _sender.GatherNeedsGate(bytes, when);
    }

    // Whoever takes one is the only one to admit until it is in, and newcomers wait behind it.
    private Pending? TryTakeWaiting()
    {
        lock (_gate)
        {
            if (_isClosed || _isAdmitting || !HasRoomNeedsGate(0) || !_waiting.TryDequeue(out var pending))
            {
                return null;
            }

            _isAdmitting = true;
            return pending;
        }
    }

    // Without the gate, because it is the user's code that writes.
    private GrowingBuffer? WriteUnlessDecided(Pending pending)
    {
        GrowingBuffer? bytes = null;
        if (pending.IsDecided)
        {
            pending.Release();
        }
        else
        {
            bytes = CommandBytes.TryWrite(pending, _completions);
        }

        if (bytes is null)
        {
            lock (_gate)
            {
                _isAdmitting = false;
            }
        }

        return bytes;
    }
}
