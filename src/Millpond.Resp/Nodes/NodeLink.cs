using Millpond.Resp.Commands;
using Millpond.Resp.Connections;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Nodes;

/// <summary>
/// Keeps one connection to one node: makes it when it is first needed, and again when it ends.
/// </summary>
/// <remarks>
/// A command that finds no connection waits for the attempt that is under way, if that is the first one since all was well. When it fails, whoever waited is told, and
/// later commands are told at once, with the last attempt's failure, while further attempts go on in the background with growing pauses. So a dead node costs its callers one
/// connect time-out, not one each.
/// </remarks>
internal sealed class NodeLink : IDisposable
{
    private readonly Lock _gate = new();
    private readonly NodeParts _parts;
    private readonly Connector _connector;
    private readonly Backoff _backoff;
    private readonly WaitingLine _waiting = new();
    private readonly CancellationTokenSource _disposing = new();
    private Established? _established;
    private LinkState _state;
    private RespException? _failure;

    public NodeLink(Connector connector, NodeParts parts)
    {
        (_connector, _parts) = (connector, parts);
        _backoff = new Backoff(parts.Surroundings);
    }

    public string Node => _connector.Node;

    /// <summary>Who the server said it is, the last time it was asked; null before.</summary>
    public RespServer? Server => _connector.Server;

    public bool IsConnected => _established is { Connection.IsEnding: false };

    /// <summary>Whether attempts fail.</summary>
    public bool IsDown => _state == LinkState.Down;

    public int InFlight => _established?.Connection.InFlight ?? 0;

    public int Waiting => _waiting.Count;

    public void Count(ActivityCount count)
    {
        count.Waiting += _waiting.Count;
        Volatile.Read(ref _established)?.Connection.Count(count);
    }

    public void Send(Pending pending, ReadOnlySpan<byte> bytes)
    {
        if (Volatile.Read(ref _established) is not { } established || !established.Connection.TryAdd(pending, bytes))
        {
            WaitForConnection(pending);
        }
    }

    /// <summary>Connects if that was not begun yet.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_state != LinkState.Idle)
            {
                return;
            }

            _state = LinkState.Connecting;
        }

        _parts.Surroundings.RunAside(KeepConnectedAsync);
    }

    public void Sweep(long now)
    {
        if (Volatile.Read(ref _established) is { } established)
        {
            established.Connection.Sweep(now, established.Ping);
            if (established.IsRenewalDue(now))
            {
                _parts.Surroundings.RunAside(() => _connector.RenewLoginAsync(established));
            }
        }

        lock (_gate)
        {
            _waiting.FailOverdue(now, pending => RespErrors.NotConnected(pending, Node, _failure, "is still being connected to"), _parts.Completions);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _state = LinkState.Disposed;
        }

        _disposing.Cancel();
        _established?.Connection.End(RespErrors.Disposed());
        GiveBackWaiting(RespErrors.Disposed());
    }

    private void WaitForConnection(Pending pending)
    {
        var (refusal, begins) = ((RespException?)null, false);
        lock (_gate)
        {
            if (_state is LinkState.Down or LinkState.Disposed)
            {
                refusal = _state == LinkState.Disposed ? RespErrors.Disposed() : RespErrors.NotConnected(pending, Node, _failure, "cannot be connected to");
            }
            else if (_waiting.Count >= _parts.Limits.WaitingMax)
            {
                refusal = RespErrors.QueueFull(pending, _parts.Limits);
            }
            else
            {
                _waiting.Add(pending);
                begins = _state == LinkState.Idle;
            }
        }

        if (refusal is not null)
        {
            pending.Dispatcher.Lost(pending, refusal, wasWritten: false);
        }
        else if (begins)
        {
            Begin();
        }
        else if (IsConnected)
        {
            // A connection came while we looked.
            SendWaiting();
        }
    }

    // Never throws: nobody awaits it.
    private async Task KeepConnectedAsync()
    {
        while (!_disposing.IsCancellationRequested)
        {
            try
            {
                var established = await _connector.ConnectAsync(_disposing.Token).ConfigureAwait(false);
                await UseAsync(established).ConfigureAwait(false);
            }
            catch (Exception thrown)
            {
                SetDown(thrown);
            }

            await _backoff.PauseAsync(_disposing.Token).ConfigureAwait(false);
        }

        GiveBackWaiting(RespErrors.Disposed());
    }

    private async Task UseAsync(Established established)
    {
        lock (_gate)
        {
            (_established, _failure) = (established, null);
            if (_state != LinkState.Disposed)
            {
                _state = LinkState.Connected;
            }
            else
            {
                established.Connection.End(RespErrors.Disposed());
            }
        }

        var received = established.Connection.Received;
        _connector.Listener?.OnConnected(this);
        SendWaiting();
        var cause = await established.Connection.Ended.ConfigureAwait(false);
        lock (_gate)
        {
            _established = null;
            _failure = cause;
            _state = _state == LinkState.Disposed ? _state : LinkState.Connecting;
        }

        _parts.Events.Lost(Node, cause);
        _connector.Listener?.OnLost(this, cause);
        // One that answered nothing but the handshake was no success: a server that accepts and closes must not be called in a tight loop.
        if (established.Connection.Received > received)
        {
            _backoff.Restart();
        }
    }

    private void SetDown(Exception thrown)
    {
        var failure = _connector.Explain(thrown);
        lock (_gate)
        {
            if (_state == LinkState.Disposed)
            {
                return;
            }

            (_state, _failure) = (LinkState.Down, failure);
        }

        _parts.Events.ConnectFailed(Node, failure);
        _connector.Listener?.OnLost(this, failure);
        GiveBackWaiting(failure);
    }

    private void SendWaiting()
    {
        while (IsConnected)
        {
            Pending? pending;
            lock (_gate)
            {
                if (!_waiting.TryTake(out pending))
                {
                    return;
                }
            }

            if (pending.IsDecided)
            {
                pending.Release();
            }
            else if (CommandBytes.TryWrite(pending, _parts.Completions) is { } bytes)
            {
                Send(pending, bytes.Span);
                CommandBytes.Return(bytes);
            }
        }
    }

    private void GiveBackWaiting(RespException cause)
    {
        Pending[] all;
        lock (_gate)
        {
            all = _waiting.TakeAll();
        }

        WaitingLine.GiveBack(all, pending => cause.Code == RespErrorCode.Disposed ? cause : RespErrors.NotConnected(pending, Node, cause, "cannot be connected to"));
    }
}
