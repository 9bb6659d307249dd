using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Local;

namespace Millpond.Reading;

/// <summary>Where callers wait for flights, each as it wants to, and where what they got is counted.</summary>
internal sealed class Arrivals<TKey, TValue>(KeyspaceCore<TKey, TValue> core) : IWaitObserver<TValue>
    where TKey : notnull
{
    public static Reading<TValue> ToReading(Entry<TValue>? entry, ReadOrigin origin, StaleReason stale, long now, bool coalesced) => new()
    {
        Found = entry is { Kind: Shared.RecordKind.Value },
        Value = entry is null ? default : entry.Value,
        Origin = origin,
        Age = entry is null ? TimeSpan.Zero : TimeSpan.FromTicks(now - entry.LoadedAt),
        Stale = stale,
        Coalesced = coalesced,
    };

    /// <summary>Waits for a flight as this caller wants to: with its own cancellation, and with the soft time-out if there is something to fall back on. Null: begin again.</summary>
    public async ValueTask<Reading<TValue>?> WaitAsync(Flight<TKey, TValue> flight, Entry<TValue>? held, long beganAt, bool coalesced, CancellationToken cancellationToken)
    {
        Answer<TValue> answer;
        try
        {
            if (flight.CanLoad && core.Policy.Options.SoftTimeout > TimeSpan.Zero
                && await IsSlowAsync(flight, cancellationToken).ConfigureAwait(false)
                && (StandIn(flight, held, ReadOrigin.Local) ?? StandIn(flight, flight.Fallback, ReadOrigin.Shared)) is { } older)
            {
                answer = older;
            }
            else
            {
                answer = await core.Surroundings.WaitAsync(flight.Completion, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (AbandonedException)
        {
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            StoppedWaiting(flight);
            throw;
        }
        catch (Exception failure)
        {
            Failed(failure, beganAt, coalesced);
            throw;
        }

        Answered(answer, beganAt, coalesced);
        return ToReading(answer.Entry, answer.Origin, answer.Stale, core.Surroundings.Now, coalesced);
    }

    /// <summary>Waits for the value and for nothing else, at next to no cost.</summary>
    public ValueTask<TValue?> WaitPlainly(Flight<TKey, TValue> flight, long now, bool coalesced, CancellationToken cancellationToken)
    {
        if (flight.Waits.TryWait(flight, now, coalesced, cancellationToken, out var wait))
        {
            return wait;
        }

        if (!flight.Completion.IsCompletedSuccessfully)
        {
            var failure = flight.Completion.Exception!.InnerException!;
            Failed(failure, now, coalesced);
            return ValueTask.FromException<TValue?>(failure);
        }

        var answer = flight.Completion.Result;
        Answered(answer, now, coalesced);
        return new(answer.Entry is { } entry ? entry.Value : default);
    }

    /// <summary>Counts and reports one caller's answer.</summary>
    public void Answered(in Answer<TValue> answer, long joinedAt, bool coalesced)
    {
        if (answer.Stale != StaleReason.None)
        {
            core.Counters.ServedStale(answer.Stale);
        }

        var (now, waited) = CountWait(joinedAt, coalesced);
        core.Listener.On(new MissAnswered(core.Name, answer.Origin, answer.Stale, waited, answer.Entry is { } entry ? now - entry.LoadedAt : -1));
    }

    /// <summary>Counts and reports one caller's failure.</summary>
    public void Failed(Exception failure, long joinedAt, bool coalesced)
    {
        var (_, waited) = CountWait(joinedAt, coalesced);
        core.Listener.On(new MissFailed(core.Name, waited, failure));
    }

    /// <summary>A caller has gone; the last one to go may end the load.</summary>
    public void StoppedWaiting(object flight)
    {
        var left = (Flight<TKey, TValue>)flight;
        if (core.Policy.Options.AbandonedLoad == AbandonedLoad.IsCancelled && core.Flights.Leave(left))
        {
            left.Abandon();
        }
    }

    private (long Now, long Waited) CountWait(long joinedAt, bool coalesced)
    {
        var now = core.Surroundings.Now;
        if (coalesced)
        {
            core.Counters.CoalescedWait.Add(now - joinedAt);
        }

        return (now, now - joinedAt);
    }

    /// <summary>An older value as the answer to who has waited long enough, unless it is too old for that.</summary>
    private Answer<TValue>? StandIn(Flight<TKey, TValue> flight, Entry<TValue>? older, ReadOrigin origin)
    {
        var now = core.Surroundings.Now;
        return older is not null && older.LoadedAt >= flight.NotBefore && !core.Flights.IsOutdated(flight, older)
            && core.Judge.Decide(older, older.View, core.Policy, now) is var judgement && judgement.MayServeOnError(now, core.Policy)
            ? new Answer<TValue>(older, origin, judgement.Reason)
            : null;
    }

    private async ValueTask<bool> IsSlowAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        if (flight.HasAnswered)
        {
            return false;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = core.Surroundings.Delay(core.Policy.Options.SoftTimeout, stop.Token);
        var first = await Task.WhenAny(core.Surroundings.Fork(flight.Completion), delay).ConfigureAwait(false);
        stop.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
        return ReferenceEquals(first, delay) && !flight.HasAnswered;
    }
}
