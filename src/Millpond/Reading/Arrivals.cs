using Millpond.Keyspaces;
using Millpond.Local;

namespace Millpond.Reading;

/// <summary>Where callers wait for flights, each as it wants to, and where what they got is counted.</summary>
internal sealed class Arrivals<TKey, TValue>
    where TKey : notnull
{
    private readonly KeyspaceCore<TKey, TValue> _core;
    private readonly WaitReports _reports;

    public Arrivals(KeyspaceCore<TKey, TValue> core)
    {
        _core = core;
        _reports = new WaitReports(core.Name, core.Counters, core.Listener, core.Surroundings);
        Waiting = new WaitParts<TValue>(core.Surroundings, _reports, StoppedWaiting);
    }

    /// <summary>What the waits of flights are made of.</summary>
    public WaitParts<TValue> Waiting { get; }

    public static Reading<TValue> ToReading(Entry<TValue>? entry, ReadOrigin origin, StaleReason stale, long now, bool coalesced) => new()
    {
        Found = entry is { Kind: Shared.RecordKind.Value },
        Value = entry is null ? default : entry.Value,
        Origin = origin,
        Age = entry is null ? TimeSpan.Zero : TimeSpan.FromTicks(now - entry.LoadedAt),
        Stale = stale,
        LoadEndedBy = entry is null ? now : Math.Min(now, entry.LoadEndedBy),
        Coalesced = coalesced,
    };

    /// <summary>Waits for a flight as this caller wants to: with its own cancellation, and with the soft time-out if there is something to fall back on. Null: begin again.</summary>
    public async ValueTask<Reading<TValue>?> WaitAsync(Flight<TKey, TValue> flight, Entry<TValue>? held, long beganAt, bool coalesced, CancellationToken cancellationToken)
    {
        Answer<TValue> answer;
        try
        {
            if (flight.CanLoad && _core.Policy.Options.SoftTimeout > TimeSpan.Zero
                && await IsSlowAsync(flight, cancellationToken).ConfigureAwait(false)
                && (StandIn(flight, held, ReadOrigin.Local) ?? StandIn(flight, flight.Fallback, ReadOrigin.Shared)) is { } older)
            {
                answer = older;
            }
            else
            {
                answer = await _core.Surroundings.WaitAsync(flight.Completion, cancellationToken).ConfigureAwait(false);
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
            Report(_reports.Failed(failure), new(beganAt, coalesced));
            throw;
        }

        Report(_reports.Answered(answer), new(beganAt, coalesced));
        return ToReading(answer.Entry, answer.Origin, answer.Stale, _core.Surroundings.Now, coalesced);
    }

    /// <summary>The answer of a flight that has ended, without a wait; null if it has none.</summary>
    public Reading<TValue>? TakeAtOnce(Flight<TKey, TValue> flight, long beganAt, bool coalesced)
    {
        if (!flight.TryGetAnswer(out var answer))
        {
            return null;
        }

        Report(_reports.Answered(answer), new(beganAt, coalesced));
        return ToReading(answer.Entry, answer.Origin, answer.Stale, _core.Surroundings.Now, coalesced);
    }

    /// <summary>Waits for the value and for nothing else, at next to no cost.</summary>
    public ValueTask<TResult?> WaitPlainly<TResult, TShape>(Flight<TKey, TValue> flight, JoinTime joined, CancellationToken cancellationToken)
        where TShape : struct, IAnswerShape<TValue, TResult>
    {
        if (flight.Waits.TryWait<TResult, TShape>(flight, joined, cancellationToken, out var wait))
        {
            return wait;
        }

        if (!flight.TryGetAnswer(out var answer))
        {
            var failure = flight.Completion.Exception!.InnerException!;
            Report(_reports.Failed(failure), joined);
            return ValueTask.FromException<TResult?>(TShape.Of(failure));
        }

        Report(_reports.Answered(answer), joined);
        return new(TShape.Of(answer.Entry is { } entry ? entry.Value : default));
    }

    /// <summary>A caller has gone; the last one to go may end the load.</summary>
    public void StoppedWaiting(object flight)
    {
        var left = (Flight<TKey, TValue>)flight;
        if (_core.Policy.Options.AbandonedLoad == AbandonedLoad.IsCancelled && _core.Flights.Leave(left))
        {
            left.Abandon();
        }
    }

    private static void Report(WaitReport report, JoinTime joined)
    {
        report.Add(joined);
        report.End();
    }

    /// <summary>An older value as the answer to who has waited long enough, unless it is too old for that.</summary>
    private Answer<TValue>? StandIn(Flight<TKey, TValue> flight, Entry<TValue>? older, ReadOrigin origin)
    {
        var now = _core.Surroundings.Now;
        return older is not null && older.LoadedAt >= flight.NotBefore && !_core.Flights.IsOutdated(flight, older)
            && _core.Judge.Decide(older, older.View, _core.Policy, now) is var judgement && judgement.MayServeOnError(now, _core.Policy)
            ? new Answer<TValue>(older, origin, judgement.Reason)
            : null;
    }

    private async ValueTask<bool> IsSlowAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        if (flight.HasEnded)
        {
            return false;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = _core.Surroundings.Delay(_core.Policy.Options.SoftTimeout, stop.Token);
        var first = await Task.WhenAny(_core.Surroundings.Fork(flight.Completion), delay).ConfigureAwait(false);
        stop.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
        return ReferenceEquals(first, delay) && !flight.HasEnded;
    }
}
