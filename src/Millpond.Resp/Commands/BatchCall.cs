using System.Threading.Tasks.Sources;

namespace Millpond.Resp.Commands;

/// <summary>
/// A caller's batch: done when all its parts are. The parts read the caller's requests and write the outcomes into the caller's memory, and none does so after the call has ended: a call that ends while
/// one of its parts is being written ends when that is done.
/// </summary>
internal sealed class BatchCall<TRequest, TResult> : IValueTaskSource
    where TRequest : struct, IRespRequest<TResult>
{
    private readonly Lock _gate = new();
    private readonly ReadOnlyMemory<TRequest> _requests;
    private readonly Memory<RespOutcome<TResult>> _outcomes;
    private readonly Completions _completions;
    private readonly List<PendingPart<TRequest, TResult>> _parts = [];
    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationTokenRegistration _cancellation;
    private Exception? _cancelled;
    private int _missing;
    private int _writing;

    public BatchCall(ReadOnlyMemory<TRequest> requests, Memory<RespOutcome<TResult>> outcomes, Completions completions) =>
        (_requests, _outcomes, _completions, _missing) = (requests, outcomes, completions, requests.Length);

    public ValueTask Task => new(this, _source.Version);

    public ReadOnlySpan<TRequest> Requests => _requests.Span;

    public bool IsEnded
    {
        get
        {
            lock (_gate)
            {
                return _missing == 0;
            }
        }
    }

    /// <summary>One more part, at first or because a request must go elsewhere.</summary>
    public void Add(PendingPart<TRequest, TResult> part)
    {
        lock (_gate)
        {
            _parts.Add(part);
        }
    }

    /// <summary>Ends the call as cancelled when that is asked for; what is under way is dropped when it comes, what was not sent is not sent.</summary>
    public void EndOn(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister((_, token) => Cancel(new OperationCanceledException(token)), null);
        }
    }

    /// <summary>False: the call has ended, and the requests are no longer there to be written.</summary>
    public bool TryBeginWrite()
    {
        lock (_gate)
        {
            _writing += _missing == 0 ? 0 : 1;
            return _missing != 0;
        }
    }

    public void EndWrite()
    {
        bool isEnd;
        lock (_gate)
        {
            isEnd = --_writing == 0 && _missing == 0;
        }

        ContinueIf(isEnd);
    }

    /// <summary>Writes one outcome. The last that was missing ends the call.</summary>
    public void Set(int index, RespOutcome<TResult> outcome)
    {
        bool isEnd;
        lock (_gate)
        {
            if (_missing == 0)
            {
                return;
            }

            _outcomes.Span[index] = outcome;
            isEnd = --_missing == 0 && _writing == 0;
        }

        ContinueIf(isEnd);
    }

    public void Finish()
    {
        if (_cancelled is { } cancelled)
        {
            _source.SetException(cancelled);
        }
        else
        {
            _source.SetResult(true);
        }
    }

    public void GetResult(short token)
    {
        _cancellation.Dispose();
        _source.GetResult(token);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel(OperationCanceledException cancelled)
    {
        PendingPart<TRequest, TResult>[] parts;
        bool isEnd;
        lock (_gate)
        {
            if (_missing == 0)
            {
                return;
            }

            (_missing, _cancelled) = (0, cancelled);
            (parts, isEnd) = ([.. _parts], _writing == 0);
        }

        foreach (var part in parts)
        {
            part.Abandon();
        }

        ContinueIf(isEnd);
    }

    private void ContinueIf(bool isEnd)
    {
        if (isEnd)
        {
            _completions.AddAside(_parts[0]);
        }
    }
}
