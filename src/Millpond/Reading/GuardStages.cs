using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Loading;
using Millpond.Overload;

namespace Millpond.Reading;

/// <summary>
/// In the chain only where the keyspace says which failures are transient: tries a load again after such a one, with pauses that grow and are drawn at random, for as long as the
/// load's time, its <see cref="KeyspacePolicy.RetriesMax"/> and the source's budget for it allow. The place at the source is given back meanwhile.
/// </summary>
internal sealed class RetryLoads<TKey, TValue>(KeyspaceCore<TKey, TValue> core) : MissStage<TKey, TValue>
    where TKey : notnull
{
    // A connection that broke is replaced within milliseconds, a failover takes seconds; loads of seconds' patience cover both with a few tries.
    private static readonly TimeSpan PauseFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    public override async ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        for (var tried = 0; ; tried++)
        {
            miss.Transient = null;
            await Next.RunAsync(miss, cancellationToken).ConfigureAwait(false);
            if (miss.Transient is not { } failure)
            {
                return;
            }

            if (tried >= core.Policy.Options.RetriesMax || !core.Parts.Source.TryRetry())
            {
                LoadFailures.End(core, miss, failure, core.Surroundings.Now);
                return;
            }

            core.Listener.On(new LoadRetried(core.Name, failure));
            var pause = PauseFirst * Math.Pow(2, Math.Min(tried, 20));
            await core.Surroundings.Delay((pause < PauseMax ? pause : PauseMax) * core.Surroundings.NextDouble(), cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>Waits for a place at the source, and gives it back when the load has really ended. What is refused ends here, without a wait or after a bounded one.</summary>
internal sealed class GuardSource<TKey, TValue>(KeyspaceCore<TKey, TValue> core) : MissStage<TKey, TValue>
    where TKey : notnull
{
    public override async ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        var first = miss.Flights[0];
        var ask = new PlaceAsk(core.Name, core.Parts.Naming.TenantOf(first.Key), first.Priority, miss.Flights.Count)
        {
            Urgencies = first.IsAhead ? [.. miss.Flights.Select(flight => flight.Urgency).OfType<LoadUrgency>()] : null,
        };
        var source = core.Parts.Source;
        var place = LoadScope.IsAny && !cancellationToken.IsCancellationRequested ? source.TryEnter(ask) : null;
        if (place is null)
        {
            // A load within a load does not wait for a place while the outer one keeps one.
            source = LoadScope.LentBy(source) ?? source;
            place = await source.EnterAsync(ask, cancellationToken).ConfigureAwait(false);
        }

        if (place.Refusal is { } refusal)
        {
            Refuse(miss, refusal);
            return;
        }

        miss.Place = place;
        var end = CallEnd.Unknown;
        try
        {
            await Next.RunAsync(miss, cancellationToken).ConfigureAwait(false);
            end = EndOf(miss, cancellationToken);
        }
        finally
        {
            source.Leave(place, end);
        }
    }

    private void Refuse(Miss<TKey, TValue> miss, SourceRefusal refusal)
    {
        core.Listener.On(new LoadShed(core.Name, core.Parts.Source.Name, refusal.Reason, refusal.Priority));
        foreach (var flight in miss.Flights)
        {
            flight.EndLoad(new(default, refusal.Failure, 0, 0));
        }

        core.Listener.On(new LoadGivenUp(core.Name, refusal.Failure));
    }

    /// <summary>What the load says of the source. Faults of the loader's own (no loader, an answer that makes no sense) and refusals of loads within it say nothing.</summary>
    private static CallEnd EndOf(Miss<TKey, TValue> miss, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? CallEnd.Unknown
            : miss.Transient is not null ? CallEnd.Failed
            : miss.Flights[0].Outcome?.Failure switch
            {
                null => CallEnd.Succeeded,
                MillpondException { Code: ErrorCode.LoadFailed } => CallEnd.Failed,
                _ => CallEnd.Unknown,
            };
}
