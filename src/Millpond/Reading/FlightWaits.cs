using Millpond.Runtime;

namespace Millpond.Reading;

/// <summary>Hears how each wait for a flight ended.</summary>
internal interface IWaitObserver<TValue>
{
    void Answered(in Answer<TValue> answer, long joinedAt, bool coalesced);

    void Failed(Exception failure, long joinedAt, bool coalesced);

    void StoppedWaiting(object flight);
}

/// <summary>
/// The callers who wait for a flight's value and for nothing else, ten thousand of them if need be: those who cannot be cancelled share one task and cost
/// nothing each; those who can have one small object each.
/// </summary>
internal sealed class FlightWaits<TValue>(Surroundings surroundings, IWaitObserver<TValue> observer)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<TValue?>? _shared;
    private List<(long JoinedAt, bool Coalesced)>? _onShared;
    private List<CancellableWait<TValue>>? _cancellable;
    private bool _over;

    /// <summary>Waits for the value; false if the flight has ended, and then its completion has the answer.</summary>
    public bool TryWait(object flight, long now, bool coalesced, CancellationToken cancellationToken, out ValueTask<TValue?> wait)
    {
        CancellableWait<TValue> own;
        lock (_gate)
        {
            if (_over)
            {
                wait = default;
                return false;
            }

            if (!cancellationToken.CanBeCanceled)
            {
                _shared ??= surroundings.NewCompletion<TValue?>();
                (_onShared ??= []).Add((now, coalesced));
                wait = new(surroundings.Fork(_shared.Task));
                return true;
            }

            own = new CancellableWait<TValue>(observer, flight, now, coalesced, surroundings.ResumesAside);
            (_cancellable ??= []).Add(own);
        }

        own.CancelWith(cancellationToken);
        wait = own.Wait;
        return true;
    }

    public void Answer(in Answer<TValue> answer)
    {
        End();
        var value = answer.Entry is { } entry ? entry.Value : default;
        foreach (var (joinedAt, coalesced) in _onShared ?? [])
        {
            observer.Answered(answer, joinedAt, coalesced);
        }

        foreach (var own in _cancellable ?? [])
        {
            if (own.TryEnd())
            {
                observer.Answered(answer, own.JoinedAt, own.Coalesced);
                own.SetValue(value);
            }
        }

        _shared?.TrySetResult(value);
    }

    public void Fail(Exception failure)
    {
        End();
        foreach (var (joinedAt, coalesced) in _onShared ?? [])
        {
            observer.Failed(failure, joinedAt, coalesced);
        }

        foreach (var own in _cancellable ?? [])
        {
            if (own.TryEnd())
            {
                observer.Failed(failure, own.JoinedAt, own.Coalesced);
                own.SetFailure(failure);
            }
        }

        _shared?.TrySetException(failure);
    }

    // After this nobody joins, so the lists are the ender's alone.
    private void End()
    {
        lock (_gate)
        {
            _over = true;
        }
    }
}
