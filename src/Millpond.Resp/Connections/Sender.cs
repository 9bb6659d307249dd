using Millpond.Resp.Runtime;

namespace Millpond.Resp.Connections;

/// <summary>
/// Gathers bytes and hands them to the network, at most one thread at a time: while one batch is on its way, the next gathers. That is all the pipelining there is, and nobody has to ask
/// for it.
/// </summary>
/// <remarks>
/// Who sends: a caller that finds nobody sending does so itself, at once, if little is under way, since then a change of threads would cost more than it saves. If much is
/// under way, or if callers are just being continued one after another, a send is scheduled, and whoever comes first takes it: a thread of the pool, or the thread that has
/// continued the last of them.
/// </remarks>
internal sealed class Sender : IThreadPoolWorkItem
{
    private readonly Lock _gate;
    private readonly Stream _stream;
    private readonly InFlight _inFlight;
    private readonly RespSurroundings _surroundings;
    private readonly Action _onSent;
    private readonly Action _onDrained;
    private readonly Action<Exception> _onFailure;
    private GrowingBuffer _gathering = new();
    private GrowingBuffer _sending = new();
    private SendState _state;
    private ValueTask _send;
    private long _written;
    private bool _isClosed;

    /// <param name="gate">The outbox's; <see cref="GatherNeedsGate"/> wants it held, everything else takes it.</param>
    /// <param name="stream">Where to.</param>
    /// <param name="inFlight">What the bytes belong to.</param>
    /// <param name="surroundings">Where scheduled sends run.</param>
    /// <param name="onDrained">Called without the gate when there is nothing more to send.</param>
    /// <param name="onFailure">Called once, when the network fails.</param>
    public Sender(Lock gate, Stream stream, InFlight inFlight, RespSurroundings surroundings, Action onDrained, Action<Exception> onFailure)
    {
        (_gate, _stream, _inFlight, _surroundings, _onDrained, _onFailure) = (gate, stream, inFlight, surroundings, onDrained, onFailure);
        _onSent = () => SendAll(isResumed: true);
    }

    /// <summary>The number of the first command in flight that was not handed to the network yet.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Bytes gathered and not yet handed to the network.</summary>
    public int Gathered => _gathering.Length;

    /// <summary>Adds bytes. What it answers goes to <see cref="Send"/> once the gate is left.</summary>
    public Duty GatherNeedsGate(ReadOnlySpan<byte> bytes, When when)
    {
        if (_state == SendState.Ended)
        {
            return Duty.None;
        }

        _gathering.Append(bytes);
        if (_state != SendState.Idle)
        {
            return Duty.None;
        }

        _state = when == When.Now ? SendState.Due : SendState.Scheduled;
        return when == When.Now ? Duty.Send : Duty.Schedule;
    }

    /// <summary>Does what gathering made the caller's duty.</summary>
    public void Send(Duty duty)
    {
        if (duty == Duty.Schedule)
        {
            _surroundings.Queue(this);
        }
        else if (duty == Duty.Send)
        {
            SendAll(isResumed: false);
        }
    }

    /// <summary>Sends what was scheduled, if nobody did yet.</summary>
    public void SendScheduled()
    {
        lock (_gate)
        {
            if (_state != SendState.Scheduled)
            {
                return;
            }

            _state = SendState.Due;
        }

        SendAll(isResumed: false);
    }

    /// <summary>Sends nothing any more. If a thread is sending, it gives the buffers back when it is done.</summary>
    public void CloseNeedsGate()
    {
        _isClosed = true;
        if (_state is SendState.Idle or SendState.Scheduled)
        {
            EndNeedsGate();
        }
    }

    /// <summary>Bytes of the buffers it holds.</summary>
    public long HeldBytes => (long)_gathering.Capacity + _sending.Capacity;

    void IThreadPoolWorkItem.Execute() => SendScheduled();

    // One thread at a time, by _state. Returns when nothing is left, or when the network takes no more for now: then the completion comes back here.
    private void SendAll(bool isResumed)
    {
        try
        {
            if (isResumed)
            {
                FinishSend();
            }

            while (TakeGathered())
            {
                var send = _stream.WriteAsync(_sending.Memory);
                _send = send;
                if (!send.IsCompleted)
                {
                    send.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onSent);
                    return;
                }

                FinishSend();
            }
        }
        catch (Exception thrown)
        {
            lock (_gate)
            {
                EndNeedsGate();
            }

            _onFailure(thrown);
            return;
        }

        _onDrained();
    }

    private void FinishSend()
    {
        var send = _send;
        _send = default;
        send.GetAwaiter().GetResult();
        _sending.Clear();
    }

    private bool TakeGathered()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                EndNeedsGate();
                return false;
            }

            if (_gathering.Length == 0)
            {
                _state = SendState.Idle;
                return false;
            }

            _state = SendState.Sending;
            (_gathering, _sending) = (_sending, _gathering);
            Volatile.Write(ref _written, _inFlight.Added);
            return true;
        }
    }

    // What is gathered now was never handed to the network, and whoever asks is told so.
    private void EndNeedsGate()
    {
        _state = SendState.Ended;
        _gathering.Return();
        _sending.Return();
    }

    /// <summary>When gathered bytes are sent, if nobody is sending.</summary>
    internal enum When
    {
        Now,
        Soon,
    }

    internal enum Duty
    {
        None,
        Send,
        Schedule,
    }

    private enum SendState
    {
        Idle,
        Scheduled,
        Due,
        Sending,
        Ended,
    }
}
