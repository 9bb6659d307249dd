using Millpond.Events;
using Millpond.Invalidation;
using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Reading;
using Millpond.Serialization;
using Millpond.Shared;

namespace Millpond.Writing;

/// <summary>
/// The write road of a cache-aside keyspace: values that callers set, plainly or under a ticket. A failing cache never fails the caller's write: the
/// key is invalidated instead, now or as soon as the shared tier answers.
/// </summary>
internal sealed class WriteRoad<TKey, TValue>(KeyspaceCore<TKey, TValue> core, EntryMaker<TKey, TValue> maker, InvalidateRoad<TKey, TValue> invalidate)
    where TKey : notnull
{
    public Runtime.Surroundings Surroundings => core.Surroundings;

    public ValueTask SetAsync(TKey key, TValue value, EntryOptions? options, CancellationToken cancellationToken)
    {
        core.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentNullException.ThrowIfNull(value);
        if ((core.Parts.Loader is not null || core.Parts.BatchLoader is not null) && !core.Parts.AllowsUnorderedSets)
        {
            throw new MillpondException(
                ErrorCode.UnorderedSet,
                $"Keyspace '{core.Name}' loads from a source, and a plain set cannot tell which of two writers committed last, so an old value could stay. "
                + "Take a ticket before the commit (BeginWriteAsync) and set the value on it, or invalidate the key; "
                + "or declare AllowUnorderedSets if there is only one writer.")
            {
                Keyspace = core.Name,
            };
        }

        var name = core.NameOf(key);
        var put = options is { TimeToLive: { } time } && time <= TimeSpan.Zero ? invalidate.DropAsync(key) : PutAsync(key, name, value, options);
        return put.IsCompleted || !cancellationToken.CanBeCanceled ? put : new ValueTask(core.Surroundings.WaitAsync(put.AsTask(), cancellationToken));
    }

    public async ValueTask<WriteTicket<TValue>> BeginAsync(TKey key, CancellationToken cancellationToken)
    {
        core.ThrowIfDisposed();
        var name = core.NameOf(key);
        var keeper = core.KeeperOf(name);
        await keeper.StartAsync().ConfigureAwait(false);
        var mark = core.Flights.BeginWrite(key, core.Surroundings.Now, 2 * core.Policy.LeaseTimeMax.Ticks);
        var epoch = keeper.View.Epoch;
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, core.Lifetime);
            var ask = new LeaseAsk(core.Surroundings.NextNonce(), core.Policy.LeaseTime, LeasePurpose.Write);
            var reply = await core.Tier.AcquireAsync(name, ask, ended.Token).ConfigureAwait(false);
            var lease = new LeaseState(ask.Nonce, reply.State, core.Surroundings.Now);
            return new RoadTicket<TKey, TValue>(this, key, name, mark, lease, epoch) { Kept = core.Leases.Keep(name, lease) };
        }
        catch (SharedTierException failure)
        {
            core.Listener.On(new SharedTierFailed(core.Name, "begin write", failure));
            return new RoadTicket<TKey, TValue>(this, key, name, mark, default, epoch);
        }
        catch (Exception failure)
        {
            core.Flights.EndWrite(mark, null, keeper.View);
            if (failure is OperationCanceledException && core.IsDisposed)
            {
                throw core.Disposed();
            }

            throw;
        }
    }

    private async ValueTask PutAsync(TKey key, SharedKey name, TValue value, EntryOptions? options)
    {
        var keeper = core.KeeperOf(name);
        await keeper.StartAsync().ConfigureAwait(false);
        var use = options?.Use ?? TierUse.All;
        using var payload = use.Has(TierUse.SharedWrite) ? Encode(value) : null;
        var now = core.Surroundings.Now;
        var epoch = keeper.View.Epoch;
        var mark = core.Flights.BeginWrite(key, now, 2 * core.Policy.LeaseTimeMax.Ticks);
        Entry<TValue>? keep = null;
        try
        {
            var entry = Make(key, value, options, keeper, now, default, default, epoch);
            if (maker.OverLimit(key, entry) is { } tooLarge)
            {
                throw tooLarge;
            }

            var record = maker.ToRecord(entry, payload?.Memory ?? default);

            // A value that is not to be stored there is a change all the same: nobody may go on with the one before.
            var reply = use.Has(TierUse.SharedWrite)
                ? await core.Tier.PutAsync(name, record, core.Lifetime).ConfigureAwait(false)
                : await core.Tier.ChangeAsync(name.Partition, [Change.OfKey(name.Text)], core.Lifetime).ConfigureAwait(false);
            keep = use.Has(TierUse.LocalWrite)
                ? Make(key, value, options, keeper, now, new LeaseState(record.FilledUnder, reply.State, now), reply.State, epoch)
                : null;
            core.Flights.Fence(key, reply.State.Sequence, reply.State.Incarnation, AfterInvalidation.Gone, now);
            core.Listener.On(new Changed(core.Name, ChangeKind.Key, 1, ChangeOrigin.Made));
        }
        catch (SharedTierException failure)
        {
            core.Listener.On(new SharedTierFailed(core.Name, "put", failure));
            _ = core.Deferred.Add(name.Partition, [Change.OfKey(name.Text)], failure);
            core.Flights.Fence(key, long.MaxValue, default, AfterInvalidation.Gone, now);
        }
        catch (OperationCanceledException) when (core.IsDisposed)
        {
            throw core.Disposed();
        }
        finally
        {
            core.Flights.EndWrite(mark, keep, keeper.View);
        }
    }

    public async ValueTask<bool> StoreAsync(RoadTicket<TKey, TValue> ticket, TValue value, EntryOptions? options)
    {
        var keeper = core.KeeperOf(ticket.Name);
        Entry<TValue>? keep = null;
        var stored = false;
        core.Leases.LetGo(ticket.Kept);
        try
        {
            if (ticket.Lease.IsHeld && options is not { TimeToLive: { Ticks: <= 0 } })
            {
                using var payload = Encode(value);
                var now = core.Surroundings.Now;
                // As old as its ticket: it was committed after that, and another writer may have committed since.
                var entry = Make(ticket.Key, value, options, keeper, ticket.Mark.BeganAt, ticket.Lease, ticket.Lease.State, ticket.Epoch, now - ticket.Mark.BeganAt);
                if (maker.OverLimit(ticket.Key, entry) is { } tooLarge)
                {
                    throw tooLarge;
                }

                var fill = new Fill(ticket.Name, ticket.Lease.Nonce, maker.ToRecord(entry, payload?.Memory ?? default), TimeSpan.FromTicks(now - ticket.Lease.GrantedAt));
                var reply = await core.Tier.FillAsync(fill, core.Lifetime).ConfigureAwait(false);
                stored = core.Rules.KeepsAfter(reply.Outcome);
                if (stored)
                {
                    core.Flights.Fence(ticket.Key, reply.State.Sequence, reply.State.Incarnation, AfterInvalidation.Gone, now);
                    keep = await ProvenAsync(entry, keeper, reply.State).ConfigureAwait(false);
                }
                else
                {
                    core.Listener.On(new FillRefused(core.Name, reply.Outcome));
                }
            }
        }
        catch (SharedTierException failure)
        {
            core.Listener.On(new SharedTierFailed(core.Name, "fill", failure));
        }
        finally
        {
            if (!stored)
            {
                await invalidate.KeysAsync([ticket.Key], CancellationToken.None).ConfigureAwait(false);
            }

            core.Flights.EndWrite(ticket.Mark, keep, keeper.View);
        }

        return stored;
    }

    /// <summary>The entry as valid as of its own change, if no floor rose between the ticket and the store; else nothing is kept here.</summary>
    private async ValueTask<Entry<TValue>?> ProvenAsync(Entry<TValue> entry, Partitions.PartitionKeeper keeper, PartitionState state)
    {
        if (!await keeper.CanJudgeAsync(state).ConfigureAwait(false)
            || core.Rules.FloorAbove(entry.ValidAsOf, entry.Scopes, keeper.View).Sequence != 0)
        {
            return null;
        }

        entry.ValidAsOf = state.Sequence;
        return entry;
    }

    private Entry<TValue> Make(TKey key, TValue value, EntryOptions? options, Partitions.PartitionKeeper keeper, long now, LeaseState lease, PartitionState state, int epoch, long loadTicks = 0) =>
        maker.FromSource(key, LoadResult.Found(value) with { TimeToLive = options?.TimeToLive, Tags = options?.Tags }, options, new Provenance
        {
            View = keeper.View,
            LoadedAt = now,
            FetchedAt = now,
            Stamp = state.Sequence,
            ValidAsOf = state.Sequence,
            Incarnation = state.Incarnation,
            Epoch = epoch,

            // It was committed by then at the latest.
            LoadTicks = loadTicks,
            FilledUnder = lease.Nonce.IsNone ? core.Surroundings.NextNonce() : lease.Nonce,
            Origin = ReadOrigin.Source,
        });

    private PooledBuffer? Encode(TValue value)
    {
        if (core.Tier.Capabilities.HoldsValues)
        {
            return core.Parts.Codec.Encode(value, core.Policy.Limits.ValueBytesMax);
        }

        return null;
    }

    /// <summary>Nothing was written. Somebody's load may have lost its lease to this ticket, and nobody should wait for it any longer.</summary>
    public async Task LetGoAsync(RoadTicket<TKey, TValue> ticket)
    {
        core.Leases.LetGo(ticket.Kept);
        core.Flights.EndWrite(ticket.Mark, null, core.KeeperOf(ticket.Name).View);
        if (!ticket.Lease.IsHeld || core.IsDisposed)
        {
            return;
        }

        try
        {
            await core.Tier.ReleaseAsync(ticket.Name, ticket.Lease.Nonce, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SharedTierException failure)
        {
            core.Listener.On(new SharedTierFailed(core.Name, "release", failure));
        }
    }

    public async Task GiveUpAsync(RoadTicket<TKey, TValue> ticket)
    {
        core.Leases.LetGo(ticket.Kept);
        try
        {
            if (!core.IsDisposed)
            {
                await invalidate.KeysAsync([ticket.Key], CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            core.Flights.EndWrite(ticket.Mark, null, core.KeeperOf(ticket.Name).View);
        }
    }
}
