using System.Threading.Tasks.Sources;

namespace Millpond.Resp.Commands;

/// <summary>A caller's batch: done when all its parts are. The parts write the outcomes into the caller's memory, and none does so after the call has ended.</summary>
internal sealed class BatchCall<TRequest, TResult> : IValueTaskSource
    where TRequest : struct, IRespRequest<TResult>
{
    private readonly Lock _gate = new();
    private readonly ReadOnlyMemory<TRequest> _requests;
    private readonly Memory<RespOutcome<TResult>> _outcomes;
    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationTokenRegistration _cancellation;
    private Exception? _cancelled;
    private int _missing;

    public BatchCall(ReadOnlyMemory<TRequest> requests, Memory<RespOutcome<TResult>> outcomes) =>
        (_requests, _outcomes, _missing) = (requests, outcomes, requests.Length);

    public ValueTask Task => new(this, _source.Version);

    public ReadOnlySpan<TRequest> Requests => _requests.Span;

    /// <summary>Ends the call as cancelled; what is under way is dropped when it comes.</summary>
    public void EndOn(Action end, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister((_, token) =>
            {
                lock (_gate)
                {
                    if (_missing == 0)
                    {
                        return;
                    }

                    (_missing, _cancelled) = (0, new OperationCanceledException(token));
                }

                end();
            }, null);
        }
    }

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

    /// <summary>Writes one outcome. True: it was the last that was missing, and whoever wrote it continues the caller.</summary>
    public bool Set(int index, RespOutcome<TResult> outcome)
    {
        lock (_gate)
        {
            if (_missing == 0)
            {
                return false;
            }

            _outcomes.Span[index] = outcome;
            return --_missing == 0;
        }
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
}
