using System.Threading.Tasks.Sources;
using Millpond.Resp.Telemetry;

namespace Millpond.Resp.Commands;

/// <summary>One command with one reply for one caller. Pooled: a round trip allocates nothing but what its reader makes.</summary>
internal sealed class PendingCommand<TRequest, TResult> : Pending, IValueTaskSource<TResult>, IPooled<PendingCommand<TRequest, TResult>>
    where TRequest : struct, IRespRequest<TResult>
{
    private ManualResetValueTaskSourceCore<TResult> _source;
    private CancellationTokenRegistration _cancellation;
    private TRequest _request;
    private TResult? _result;
    private Exception? _error;
    private int _owners;
    private Completions? _completions;

    public PendingCommand<TRequest, TResult>? NextPooled { get; set; }

    public override string Name => _request.Name;

    public override RespTraits Traits => _request.Traits;

    public override int Slot => _request.Slot;

    public override int RepliesExpected => 1;

    public static ValueTask<TResult> Send(in TRequest request, IDispatcher dispatcher, long now, long deadline, Completions completions, CancellationToken cancellationToken)
    {
        var pending = PendingPool<PendingCommand<TRequest, TResult>>.Take();
        pending.BeginLife();
        (pending._request, pending.Dispatcher, pending.IssuedAt, pending.Deadline) = (request, dispatcher, now, deadline);
        (pending.Attempts, pending.IsAsking, pending.Refusal, pending._owners) = (0, false, null, 2);
        var token = pending._source.Version;
        if (cancellationToken.CanBeCanceled)
        {
            pending.AbandonOn(completions, cancellationToken);
        }

        dispatcher.Dispatch(pending);
        return new ValueTask<TResult>(pending, token);
    }

    public override void Write(ref RespWriter writer) => _request.Write(ref writer);

    public override Taken Accept(ref RespReader reader, Completions completions, string node)
    {
        if (reader.IsError && !IsDecided && Dispatcher.TryRedirect(this, reader.Bytes, node))
        {
            return Taken.Redirected;
        }

        if (TryDecide(Life))
        {
            try
            {
                if (reader.IsError)
                {
                    _error = RespServerException.From(reader.Bytes, Name, node);
                }
                else
                {
                    _result = _request.Read(ref reader);
                }
            }
            catch (Exception thrown)
            {
                // Whatever the request's reader throws is the caller's, not the connection's.
                _error = thrown;
            }

            if (RespMetrics.IsTimed)
            {
                RespMetrics.Ended(Name, node, completions.Now - IssuedAt, _error);
            }

            completions.Add(this);
        }

        return Taken.Whole;
    }

    public override void Fail(Func<Pending, RespException> error, int life, Completions completions)
    {
        if (TryDecide(life))
        {
            var failure = error(this);
            _error = failure;
            if (RespMetrics.IsTimed)
            {
                RespMetrics.Ended(Name, failure.Node, completions.Now - IssuedAt, failure);
            }

            completions.AddAside(this);
        }
    }

    public override void Finish()
    {
        if (_error is { } error)
        {
            _source.SetException(error);
        }
        else
        {
            _source.SetResult(_result!);
        }
    }

    public override void Release()
    {
        if (Interlocked.Decrement(ref _owners) == 0)
        {
            (_request, _result, _error, _cancellation) = (default, default, null, default);
            _source.Reset();
            PendingPool<PendingCommand<TRequest, TResult>>.Return(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    public TResult GetResult(short token)
    {
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            // Waits for a cancellation that is just under way on another thread, so that it cannot meet the object's next life.
            _cancellation.Dispose();
            Release();
        }
    }

    private void AbandonOn(Completions completions, CancellationToken token)
    {
        // No life to compare: the registration ends before the object's life does.
        _completions = completions;
        _cancellation = token.UnsafeRegister(static (state, token) =>
        {
            var pending = (PendingCommand<TRequest, TResult>)state!;
            if (pending.TryDecide(pending.Life))
            {
                pending._error = new OperationCanceledException(token);
                pending._completions!.AddAside(pending);
            }
        }, this);
    }
}
