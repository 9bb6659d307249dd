using Millpond.Events;
using Millpond.Invalidation;
using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Serialization;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>
/// Third stage: lets the stages below load, then takes what they brought back up: into the shared tier under the lease, into the local tier if nothing
/// speaks against it, and to everybody who waits. A load that failed gives its lease back, and its callers get a stale value if the policy has one for them.
/// </summary>
internal sealed class FillStage<TKey, TValue>(KeyspaceCore<TKey, TValue> core, EntryMaker<TKey, TValue> maker, InvalidateRoad<TKey, TValue> invalidate) : MissStage<TKey, TValue>
    where TKey : notnull
{
    // A source that fails is asked about once a second for each key with a stale value to serve, not once for each read: it has trouble enough.
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Substitutes<TKey, TValue> _substitutes = new(core, maker);

    public override async ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        foreach (var flight in miss.Flights)
        {
            core.CountSharedMiss(flight);
        }

        await Next.RunAsync(miss, cancellationToken).ConfigureAwait(false);
        var landings = new List<Landing>(miss.Flights.Count);
        foreach (var flight in miss.Flights)
        {
            if (Prepare(flight) is { } landing)
            {
                landings.Add(landing);
            }
            else
            {
                await ReleaseAsync(flight).ConfigureAwait(false);
            }
        }

        try
        {
            await FillAsync(landings).ConfigureAwait(false);
        }
        finally
        {
            foreach (var landing in landings)
            {
                landing.Payload?.Dispose();
                core.Flights.Land(landing.Flight, landing.Keeps ? landing.Entry : null);
                landing.Flight.Answer(new(landing.Entry, ReadOrigin.Source, StaleReason.None));
            }
        }
    }

    /// <summary>What is to be stored for a flight; null if nothing is, and then its callers have been answered.</summary>
    private Landing? Prepare(Flight<TKey, TValue> flight)
    {
        var outcome = flight.Outcome ?? new LoadOutcome<TValue>(default, new OperationCanceledException(), 0, 0);
        if (outcome.Failure is { } failure)
        {
            FallBack(flight, failure);
            return null;
        }

        try
        {
            var entry = Make(flight, outcome);
            if (entry.FreshUntil <= entry.LoadedAt)
            {
                // Not to be kept, and neither is the older value that it replaces.
                return new Landing(flight, entry, null) { Drops = flight.Fallback is not null };
            }

            var payload = Encode(flight, entry, out var fits);
            return new Landing(flight, entry, payload) { Keeps = fits && !flight.Lease.IsHeld && flight.KeepsUnleased, Fills = fits && flight.Lease.IsHeld };
        }
        catch (Exception fault)
        {
            FallBack(flight, fault is MillpondException ? fault : LoadFailures.Threw(core.Name, fault));
            return null;
        }
    }

    private Entry<TValue> Make(Flight<TKey, TValue> flight, LoadOutcome<TValue> outcome)
    {
        var view = flight.View;
        var state = flight.Lease.IsHeld ? flight.Lease.State : new PartitionState(view.Incarnation, flight.SequenceAtStart, 0);
        var stamp = core.Rules.StampOfLoad(state, new PartitionState(view.Incarnation, view.Sequence, view.NewestFloor));
        var result = LoadFailures.Resolve(core.Name, outcome.Result, flight.Fallback, flight.Options);
        var inherited = outcome.Scopes ?? (outcome.Result is { Kind: LoadResultKind.NotModified, Tags: null } ? flight.Fallback?.Scopes : null);
        return maker.FromSource(flight.Key, result, flight.Options, new Provenance
        {
            View = view,
            LoadedAt = outcome.LoadedAt,
            FetchedAt = outcome.LoadedAt,
            Stamp = stamp,
            ValidAsOf = stamp,
            Incarnation = state.Incarnation,
            Epoch = flight.Epoch,
            LoadTicks = outcome.LoadTicks,
            FilledUnder = flight.Lease.Nonce,
            Origin = ReadOrigin.Source,
        }, inherited);
    }

    /// <summary>A value that cannot be stored is still an answer: its callers get it, and the fault is reported, not thrown.</summary>
    private PooledBuffer? Encode(Flight<TKey, TValue> flight, Entry<TValue> entry, out bool fits)
    {
        fits = true;
        if (maker.OverLimit(flight.Key, entry) is { } tooLarge)
        {
            core.Listener.On(new ValueNotStored(core.Name, tooLarge));
            fits = false;
            return null;
        }

        if (!core.Tier.Capabilities.HoldsValues || entry.Kind == RecordKind.Negative || !flight.Lease.IsHeld)
        {
            return null;
        }

        try
        {
            return core.Parts.Codec.Encode(entry.Value!, core.Policy.Limits.ValueBytesMax);
        }
        catch (MillpondException fault)
        {
            core.Listener.On(new ValueNotStored(core.Name, fault));
            fits = false;
            return null;
        }
    }

    private async ValueTask FillAsync(List<Landing> landings)
    {
        Landing[] fills = [.. landings.Where(landing => landing.Fills)];
        foreach (var landing in landings.Where(landing => !landing.Fills))
        {
            await ReleaseAsync(landing.Flight).ConfigureAwait(false);
            if (landing.Drops)
            {
                await invalidate.DropAsync(landing.Flight.Key).ConfigureAwait(false);
            }
        }

        if (fills.Length == 0)
        {
            return;
        }

        try
        {
            Fill[] wanted = [.. fills.Select(ToFill)];
            var replies = wanted.Length == 1
                ? [await core.Tier.FillAsync(wanted[0], core.Lifetime).ConfigureAwait(false)]
                : await core.Tier.FillManyAsync(wanted, core.Lifetime).ConfigureAwait(false);
            for (var i = 0; i < fills.Length; i++)
            {
                fills[i].Keeps = core.Rules.KeepsAfter(replies[i].Outcome);
                if (replies[i].Outcome != FillOutcome.Stored)
                {
                    core.Listener.On(new FillRefused(core.Name, replies[i].Outcome));
                }
            }
        }
        catch (SharedTierException failure)
        {
            // Whether it was stored is unknown; a lease that is still there ends by its time.
            core.Listener.On(new SharedTierFailed(core.Name, "fill", failure));
        }
    }

    private Fill ToFill(Landing landing) =>
        new(landing.Flight.SharedKey, landing.Flight.Lease.Nonce, maker.ToRecord(landing.Entry, landing.Payload?.Memory ?? default),
            TimeSpan.FromTicks(core.Surroundings.Now - landing.Flight.Lease.GrantedAt));

    private async ValueTask ReleaseAsync(Flight<TKey, TValue> flight)
    {
        if (!flight.Lease.IsHeld)
        {
            return;
        }

        try
        {
            // Also while this cache is being disposed: nobody in the fleet should wait for a lease whose holder has gone.
            await core.Tier.ReleaseAsync(flight.SharedKey, flight.Lease.Nonce, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SharedTierException failure)
        {
            core.Listener.On(new SharedTierFailed(core.Name, "release", failure));
        }
    }

    /// <summary>Answers with the stale value there is, if the policy has one for this case, and keeps it here so that the next reads do not all try again.</summary>
    private void FallBack(Flight<TKey, TValue> flight, Exception failure)
    {
        var now = core.Surroundings.Now;
        if (flight.Fallback is { } stale && stale.LoadedAt >= flight.NotBefore && !core.Flights.IsOutdated(flight, stale)
            && core.Judge.Decide(stale, flight.View, core.Policy, now) is var judgement && judgement.MayServeOnError(now, core.Policy))
        {
            stale.RetryAt = now + (long)(RetryPause.Ticks * (0.5 + core.Surroundings.NextDouble()));
            core.Flights.Land(flight, core.Local.TryPause(flight.Key, stale) ? null : stale);

            // An entry that this flight did not fetch was held here, wherever it came from once.
            var origin = stale.FetchedAt >= flight.StartedAt ? stale.Origin : ReadOrigin.Local;
            flight.Answer(new(stale, origin, judgement.Reason));
            return;
        }

        core.Flights.Land(flight, null);
        if (_substitutes.For(flight) is { } substitute)
        {
            flight.Answer(new(substitute, ReadOrigin.Fallback, StaleReason.None));
            return;
        }

        flight.Fail(failure);
    }

    private sealed record Landing(Flight<TKey, TValue> Flight, Entry<TValue> Entry, PooledBuffer? Payload)
    {
        public bool Fills { get; init; }

        public bool Drops { get; init; }

        public bool Keeps { get; set; }
    }
}
