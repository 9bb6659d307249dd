using System.Threading.Tasks.Sources;

namespace Millpond.Reading;

/// <summary>
/// One caller's wait that its token can end. It ends once: by the flight or by the token, whichever comes first.
/// </summary>
internal sealed class CancellableWait<TValue> : IValueTaskSource<TValue?>
{
    private readonly IWaitObserver<TValue> _observer;
    private readonly object _flight;
    private ManualResetValueTaskSourceCore<TValue?> _core;
    private CancellationTokenRegistration _registration;
    private int _ended;

    public CancellableWait(IWaitObserver<TValue> observer, object flight, long joinedAt, bool coalesced, bool resumesAside)
    {
        _observer = observer;
        _flight = flight;
        JoinedAt = joinedAt;
        Coalesced = coalesced;
        _core.RunContinuationsAsynchronously = resumesAside;
    }

    public long JoinedAt { get; }

    public bool Coalesced { get; }

    public ValueTask<TValue?> Wait => new(this, _core.Version);

    public void CancelWith(CancellationToken cancellationToken)
    {
        _registration = cancellationToken.UnsafeRegister(static (state, token) => ((CancellableWait<TValue>)state!).Cancel(token), this);
        if (Volatile.Read(ref _ended) != 0)
        {
            // The flight ended while the registration was being made, and could not take it back.
            _registration.Unregister();
        }
    }

    public bool TryEnd()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return false;
        }

        _registration.Unregister();
        return true;
    }

    public void SetValue(TValue? value) => _core.SetResult(value);

    public void SetFailure(Exception failure) => _core.SetException(failure);

    public TValue? GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _observer.StoppedWaiting(_flight);
            _core.SetException(new OperationCanceledException(cancellationToken));
        }
    }
}
