using System.Threading.Tasks.Sources;

namespace Millpond.Reading;

/// <summary>
/// One caller's wait that its token can end, or whose result is to be its own. It ends once: by the flight or by the token, whichever comes first. About a hundred bytes, and so without
/// room for an answer: that is in <see cref="FlightWaits{TValue}"/>, once for all.
/// </summary>
internal abstract class OwnWait<TValue>
{
    private CancellationTokenRegistration _registration;
    private Ending _ending;

    // Says that the wait is over, not what came of it.
    private ManualResetValueTaskSourceCore<bool> _core;

    protected OwnWait(FlightWaits<TValue> waits, JoinTime joined)
    {
        Waits = waits;
        Joined = joined;
        _core.RunContinuationsAsynchronously = waits.ResumesAside;
    }

    private enum Ending
    {
        NotYet,
        ByFlight,
        ByToken,
    }

    public JoinTime Joined { get; }

    /// <summary>Who joined next. Written under the gate of the waits.</summary>
    public OwnWait<TValue>? Next { get; set; }

    protected FlightWaits<TValue> Waits { get; }

    protected short Version => _core.Version;

    public void CancelWith(CancellationToken cancellationToken)
    {
        _registration = cancellationToken.UnsafeRegister(static (state, token) => ((OwnWait<TValue>)state!).Cancel(token), this);

        // The flight may have ended while the registration was being made, and then it could not take it back. A full fence, because either it sees the registration or this sees the end.
        Interlocked.MemoryBarrier();
        if (_ending == Ending.ByFlight)
        {
            _registration.Unregister();
        }
    }

    /// <summary>Ends the wait for the flight; false if the token was first. The caller hears of it from <see cref="Answer"/> or <see cref="Fail"/>.</summary>
    public bool TryEnd()
    {
        if (Interlocked.CompareExchange(ref _ending, Ending.ByFlight, Ending.NotYet) != Ending.NotYet)
        {
            return false;
        }

        _registration.Unregister();
        return true;
    }

    /// <summary>Lets the caller go on, if the flight ended its wait.</summary>
    public void Answer()
    {
        if (_ending == Ending.ByFlight)
        {
            _core.SetResult(true);
        }
    }

    /// <summary>As <see cref="Answer"/>, for a flight that failed.</summary>
    public void Fail(Exception failure)
    {
        if (_ending == Ending.ByFlight)
        {
            _core.SetException(Told(failure));
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <summary>What the caller is told of a failure.</summary>
    protected abstract Exception Told(Exception failure);

    /// <summary>Throws if the wait did not end with an answer.</summary>
    protected void ThrowUnlessAnswered(short token) => _core.GetResult(token);

    private void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _ending, Ending.ByToken, Ending.NotYet) == Ending.NotYet)
        {
            Waits.Left();
            _core.SetException(new OperationCanceledException(cancellationToken));
        }
    }
}

/// <summary>Such a wait, of a caller who wants the answer in a shape.</summary>
internal sealed class OwnWait<TValue, TResult, TShape>(FlightWaits<TValue> waits, JoinTime joined) : OwnWait<TValue>(waits, joined), IValueTaskSource<TResult?>
    where TShape : struct, IAnswerShape<TValue, TResult>
{
    public ValueTask<TResult?> Wait => new(this, Version);

    public TResult? GetResult(short token)
    {
        ThrowUnlessAnswered(token);
        return TShape.Of(Waits.Value);
    }

    protected override Exception Told(Exception failure) => TShape.Of(failure);
}
