using System.Runtime.CompilerServices;
using Millpond.Events;
using Millpond.Keyspaces;
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
    private readonly FoundRecords<TKey, TValue> _found = new(core);

    /// <summary>Whether a trip asks for one key and nothing speaks against reading it.</summary>
    public bool IsPlain(Miss<TKey, TValue> miss) =>
        miss.Flights.Count == 1 && miss.Flights[0] is var flight && flight.Use.Has(TierUse.SharedRead) && !core.Deferred.Covers(flight.SharedKey);

    public ValueTask AskAsync(IReadOnlyList<Flight<TKey, TValue>> flights, CancellationToken cancellationToken)
    {
        if (flights.Count == 1)
        {
            return AskOneAsync(flights[0], cancellationToken);
        }

        Flight<TKey, TValue>[] covered = [.. flights.Where(flight => GoesPast(flight.SharedKey))];
        foreach (var flight in covered)
        {
            GoOnUnleased(flight);
        }

        return covered.Length == 0 ? AskManyAsync(flights, cancellationToken)
            : covered.Length == flights.Count ? ValueTask.CompletedTask
            : AskManyAsync([.. flights.Except(covered)], cancellationToken);
    }

    /// <summary>
    /// Whether the shared tier is not asked at all: while its node is left alone, and while a change of ours waits to be told, because the answer could come back after the change was told, and
    /// still be from before it.
    /// </summary>
    private bool GoesPast(SharedKey key) => core.Deferred.Covers(key) || core.IsAway(key.Partition);

    private ValueTask AskOneAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        if (!flight.Use.Has(TierUse.SharedRead))
        {
            return GoOnUnreadAsync(flight, cancellationToken);
        }

        if (!GoesPast(flight.SharedKey))
        {
            return ReadOneAsync(flight, null, null, cancellationToken);
        }

        GoOnUnleased(flight);
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads a key, and goes on with the trip it was read for if that did not end its flight: in one piece, because each piece costs a hit.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReadOneAsync(Flight<TKey, TValue> flight, Miss<TKey, TValue>? miss, MissStage<TKey, TValue>? next, CancellationToken cancellationToken)
    {
        var askedAt = core.Surroundings.Now;
        var ask = NewAsk();
        ReadReply? reply = null;
        try
        {
            reply = await core.Tier.ReadAsync(flight.SharedKey, flight.TakesLease ? ask : null, cancellationToken).ConfigureAwait(false);
        }
        catch (SharedTierException failure)
        {
            core.Listener.On(new SharedTierFailed(core.Name, "read", failure));
            GoOnUnleased(flight);
        }

        if (reply is { } came)
        {
            await DigestAsync(flight, came, ask.Nonce, askedAt, cancellationToken).ConfigureAwait(false);
        }

        if (next is not null && flight.Standing != Standing.Ended)
        {
            await next.RunAsync(miss!, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask AskManyAsync(IReadOnlyList<Flight<TKey, TValue>> flights, CancellationToken cancellationToken)
    {
        var askedAt = core.Surroundings.Now;
        LeaseAsk[] asks = [.. flights.Select(flight => NewAsk())];
        if (await ReadManyAsync(flights, asks, cancellationToken).ConfigureAwait(false) is not { } replies)
        {
            foreach (var flight in flights)
            {
                GoOnUnleased(flight);
            }

            return;
        }

        // Side by side: a record that does not do costs a second round trip, and a batch may have many of them.
        List<Task>? underWay = null;
        for (var i = 0; i < flights.Count; i++)
        {
            var digest = DigestAsync(flights[i], replies[i], asks[i].Nonce, askedAt, cancellationToken);
            if (!digest.IsCompletedSuccessfully)
            {
                (underWay ??= []).Add(digest.AsTask());
            }
        }

        if (underWay is not null)
        {
            await Task.WhenAll(underWay).ConfigureAwait(false);
        }
    }

    /// <summary>The replies in the order of the flights; null if the shared tier failed.</summary>
    private async ValueTask<IReadOnlyList<ReadReply>?> ReadManyAsync(IReadOnlyList<Flight<TKey, TValue>> flights, LeaseAsk[] asks, CancellationToken cancellationToken)
    {
        try
        {
            return await core.Tier.ReadManyAsync([.. flights.Select(flight => flight.SharedKey)], flights[0].TakesLease ? asks : [], cancellationToken).ConfigureAwait(false);
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
            if (entry is not null && judgeable && _found.Use(flight, entry, reply))
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

        var isMine = outcome is LeaseOutcome.Granted or LeaseOutcome.Renewed;
        flight.Lease = isMine ? new(nonce, state, core.Surroundings.Now) : default;
        flight.Standing = isMine ? Standing.MayLoad : Standing.Held;
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
        if (!flight.TakesLease || GoesPast(flight.SharedKey))
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
}
