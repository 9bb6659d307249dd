using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Policies;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>
/// Asks the shared tier for the keys of some flights and decides, for each, how it goes on: ended by a value that is good enough, to load under a
/// lease it was granted, or held up because somebody else has the lease.
/// </summary>
internal sealed class SharedAsk<TKey, TValue>(KeyspaceCore<TKey, TValue> core, EntryMaker<TKey, TValue> maker)
    where TKey : notnull
{
    private readonly RecordEntries<TKey, TValue> _records = new(core, maker);

    public ValueTask AskAsync(IReadOnlyList<Flight<TKey, TValue>> flights, CancellationToken cancellationToken)
    {
        // Not asked at all while a change of ours waits to be told: the answer could come back after the change was told, and still be from before it.
        Flight<TKey, TValue>[] covered = [.. flights.Where(flight => core.Deferred.Covers(flight.SharedKey))];
        foreach (var flight in covered)
        {
            GoOnUnleased(flight);
        }

        return covered.Length == 0 ? AskTierAsync(flights, cancellationToken)
            : covered.Length == flights.Count ? ValueTask.CompletedTask
            : AskTierAsync([.. flights.Except(covered)], cancellationToken);
    }

    private async ValueTask AskTierAsync(IReadOnlyList<Flight<TKey, TValue>> flights, CancellationToken cancellationToken)
    {
        var askedAt = core.Surroundings.Now;
        if (flights.Count == 1 && !flights[0].Use.HasFlag(TierUse.SharedRead))
        {
            await GoOnUnreadAsync(flights[0], cancellationToken).ConfigureAwait(false);
            return;
        }

        LeaseAsk[] asks = [.. flights.Select(flight => NewAsk())];
        if (await ReadAsync(flights, asks, cancellationToken).ConfigureAwait(false) is not { } replies)
        {
            foreach (var flight in flights)
            {
                GoOnUnleased(flight);
            }
        }
        else if (flights.Count == 1)
        {
            await DigestAsync(flights[0], replies[0], asks[0].Nonce, askedAt, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // Side by side: a record that does not do costs a second round trip, and a batch may have many of them.
            await Task.WhenAll(flights.Select((flight, i) => DigestAsync(flight, replies[i], asks[i].Nonce, askedAt, cancellationToken).AsTask())).ConfigureAwait(false);
        }
    }

    /// <summary>The replies in the order of the flights; null if the shared tier failed.</summary>
    private async ValueTask<IReadOnlyList<ReadReply>?> ReadAsync(IReadOnlyList<Flight<TKey, TValue>> flights, LeaseAsk[] asks, CancellationToken cancellationToken)
    {
        try
        {
            return flights.Count == 1
                ? [await core.Tier.ReadAsync(flights[0].SharedKey, flights[0].TakesLease ? asks[0] : null, cancellationToken).ConfigureAwait(false)]
                : await core.Tier.ReadManyAsync([.. flights.Select(flight => flight.SharedKey)], flights[0].TakesLease ? asks : [], cancellationToken).ConfigureAwait(false);
        }
        catch (SharedTierException failure)
        {
            core.Listener.On(new SharedTierFailed(core.Name, "read", failure));
            return null;
        }
    }

    private LeaseAsk NewAsk() => new(core.Surroundings.NextNonce(), core.Policy.LeaseTime);

    private async ValueTask DigestAsync(Flight<TKey, TValue> flight, ReadReply reply, Nonce nonce, long askedAt, CancellationToken cancellationToken)
    {
        if (core.Deferred.Covers(flight.SharedKey))
        {
            // We know of a change that the shared tier does not: what it holds is stale, and what we load must not be stored under its guard.
            GoOnUnleased(flight);
            return;
        }

        var judgeable = await core.KeeperOf(flight.SharedKey).CanJudgeAsync(reply.State).ConfigureAwait(false);
        if (reply.Record is { } record)
        {
            var entry = _records.Read(flight, record, reply, askedAt);
            record.Owner?.Dispose();
            if (entry is not null && judgeable && Use(flight, entry, reply))
            {
                return;
            }

            if (flight.TakesLease)
            {
                await AcquireAsync(flight, cancellationToken).ConfigureAwait(false);
                return;
            }
        }

        Take(flight, reply.Lease, nonce, reply.State);
    }

    /// <summary>A record with a value grants no lease, so one that does not do is asked for again, whatever its value.</summary>
    private async ValueTask AcquireAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        var ask = NewAsk();
        try
        {
            var reply = await core.Tier.AcquireAsync(flight.SharedKey, ask, cancellationToken).ConfigureAwait(false);
            Take(flight, reply.Outcome, ask.Nonce, reply.State);
        }
        catch (SharedTierException failure)
        {
            core.Listener.On(new SharedTierFailed(core.Name, "acquire", failure));
            GoOnUnleased(flight);
        }
    }

    private void Take(Flight<TKey, TValue> flight, LeaseOutcome outcome, Nonce nonce, PartitionState state)
    {
        if (!flight.TakesLease)
        {
            GoOnUnleased(flight);
            return;
        }

        flight.Lease = outcome == LeaseOutcome.Granted ? new(nonce, state, core.Surroundings.Now) : default;
        flight.Standing = outcome == LeaseOutcome.Granted ? Standing.MayLoad : Standing.Held;
    }

    private void GoOnUnleased(Flight<TKey, TValue> flight)
    {
        if (!flight.CanLoad)
        {
            EndEmpty(flight);
            return;
        }

        flight.Lease = default;
        flight.KeepsUnleased = true;
        flight.Standing = Standing.MayLoad;
    }

    /// <summary>For a caller who wants nothing from the shared tier but may store there. Behind another holder it does not wait, because that one's value is not what
    /// it wants: it loads for its callers only.</summary>
    private async ValueTask GoOnUnreadAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        if (!flight.TakesLease || core.Deferred.Covers(flight.SharedKey))
        {
            GoOnUnleased(flight);
            return;
        }

        await AcquireAsync(flight, cancellationToken).ConfigureAwait(false);
        flight.Standing = Standing.MayLoad;
    }

    private void EndEmpty(Flight<TKey, TValue> flight)
    {
        core.CountSharedMiss(flight);
        core.Flights.Land(flight, null);
        flight.Answer(new(null, ReadOrigin.Shared, StaleReason.None));
        flight.Standing = Standing.Ended;
    }

    /// <summary>Whether the record ends the flight. If not, it may still be what is served if the load fails, or at once while the load goes on.</summary>
    private bool Use(Flight<TKey, TValue> flight, Entry<TValue> entry, in ReadReply reply)
    {
        var now = core.Surroundings.Now;
        var provenAsOf = entry.ValidAsOf;
        var judgement = core.Judge.Decide(entry, flight.View, core.Policy, now);
        // The judge may have proven more, up to what is known by now; that holds for entries that changes of their key have found here, which this one is not yet.
        entry.ValidAsOf = provenAsOf;
        var recent = entry.LoadedAt >= flight.NotBefore;
        if (Suffices(flight, entry, judgement) && recent)
        {
            if (judgement.Verdict is Verdict.Fresh or Verdict.FreshButRenew)
            {
                // Its floors have just been compared with everything up to the reply's sequence, and its key had not changed by then.
                entry.ValidAsOf = Math.Max(entry.ValidAsOf, reply.State.Sequence);
            }

            core.Flights.Land(flight, entry);
            if (!flight.IsRenewal)
            {
                core.Counters.Hit(ReadOrigin.Shared, entry.Kind == RecordKind.Negative, judgement.Reason != StaleReason.None);
            }

            flight.Answer(new(entry, ReadOrigin.Shared, judgement.Reason));
            flight.Standing = Standing.Ended;
            return true;
        }

        flight.MetOlder |= judgement.Verdict != Verdict.Gone;
        if (judgement.Verdict != Verdict.Gone && recent)
        {
            flight.Fallback = flight.Fallback is { } held && held.LoadedAt > entry.LoadedAt ? held : entry;
            if (!flight.IsRenewal && judgement.MayServe(now, core.Policy))
            {
                flight.Answer(new(entry, ReadOrigin.Shared, judgement.Reason));
            }
        }

        return false;
    }

    private bool Suffices(Flight<TKey, TValue> flight, Entry<TValue> entry, in Judgement judgement)
    {
        if (!flight.CanLoad)
        {
            // Where there is no source, the shared tier is where it lives: a doubt about our channel is no doubt about it. A caller who merely does not want a load
            // is another matter: what an old snapshot brought back is not what the source has.
            var livesHere = core.Parts.Loader is null && core.Parts.BatchLoader is null;
            return judgement.Verdict is Verdict.Fresh or Verdict.FreshButRenew
                || (livesHere && judgement is { Verdict: Verdict.Stale, Reason: StaleReason.ChannelSilent or StaleReason.Incarnation });
        }

        return flight.IsRenewal
            ? judgement.Verdict == Verdict.Fresh && (entry.FilledMark != flight.Fallback?.FilledMark || IsDoubted(flight))
            : judgement.Verdict is Verdict.Fresh or Verdict.FreshButRenew;
    }

    /// <summary>Whether what is held is renewed only because nothing proves it any more. The shared tier's word on the same fill is that proof, so a channel
    /// that broke costs the source nothing.</summary>
    private bool IsDoubted(Flight<TKey, TValue> flight) =>
        flight.Fallback is { } held
        && core.Judge.Decide(held, flight.View, core.Policy, core.Surroundings.Now) is { Verdict: Verdict.Stale, Reason: StaleReason.Incarnation or StaleReason.ChannelSilent };
}
