using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Millpond.Events;
using Millpond.Runtime;

namespace Millpond.Shared.Guarding;

/// <summary>
/// The shared tier as the roads see it: one that is slow or gone keeps nobody waiting longer than the source would. Reads, leases to load, fills and releases have a time-out that follows how long
/// answers take; a partition whose node fails again and again is left alone for a moment, and then asked by one call.
/// </summary>
/// <remarks>
/// <para>
/// It changes nothing of what an operation means. A call whose time is over is cancelled and its outcome is unknown, as the contract has it for any failure: a lease that may have been granted is given
/// back, and lives no longer than its time; a fill that may still arrive is stored under its lease or not at all. Changes, write leases, plain sets and counters keep the engine's own time, because an
/// unknown outcome costs them more; they are only refused at once while the node is left alone, and then were surely not made.
/// </para>
/// <para>
/// What keeps this process's knowledge true (subscriptions, control records, deferred changes, leases kept alive) goes past the guard, to <see cref="Inner"/>: it has its own pace, nobody
/// waits for it, and it must not stop because reads fail.
/// </para>
/// </remarks>
internal sealed class GuardedTier(ISharedTier inner, Func<TierTimes> times, Surroundings surroundings, CacheListener listener) : ISharedTier
{
    private readonly ConcurrentDictionary<PartitionId, PartitionGuard> _guards = new();

    public ISharedTier Inner => inner;

    public IEnumerable<PartitionGuard> Guards => _guards.Values;

    public SharedTierCapabilities Capabilities => inner.Capabilities;

    /// <summary>The guard of a partition, made when it is first used.</summary>
    public PartitionGuard Of(PartitionId id) => _guards.TryGetValue(id, out var known) ? known
        : _guards.GetOrAdd(id, static (id, tier) => tier.NewGuard(id), this);

    public ValueTask ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken)
    {
        var guard = Of(key.Partition);
        var call = guard.Begin(cancellationToken);
        try
        {
            var reply = await inner.ReadAsync(key, ask, call.Bucket.Token).ConfigureAwait(false);
            guard.Succeeded(call);
            return reply;
        }
        catch (Exception failure)
        {
            var outcome = guard.Failed(call, failure);
            GiveBackIfLate(key, ask, outcome);
            throw Rethrown(failure, outcome);
        }
    }

    public async ValueTask<IReadOnlyList<ReadReply>> ReadManyAsync(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken)
    {
        if (keys.Count == 0 || (asks.Count != 0 && asks.Count != keys.Count))
        {
            return await inner.ReadManyAsync(keys, asks, cancellationToken).ConfigureAwait(false);
        }

        // A partition at a time, side by side: each lives on a node of its own, and each node is judged by what it does.
        var parts = Enumerable.Range(0, keys.Count).GroupBy(at => keys[at].Partition).Select(group => group.ToArray()).ToArray();
        var replies = new ReadReply[keys.Count];
        try
        {
            await Task.WhenAll(parts.Select(part => ReadPartAsync(keys, asks, part, replies, cancellationToken))).ConfigureAwait(false);
            return replies;
        }
        catch (SharedTierException)
        {
            // Of one partition, and the whole fails. What the others granted would be waited for.
            for (var at = 0; at < asks.Count; at++)
            {
                if (replies[at].Lease == LeaseOutcome.Granted)
                {
                    var (key, nonce) = (keys[at], asks[at].Nonce);
                    surroundings.RunAside(() => GiveBackAsync(key, nonce));
                }
            }

            throw;
        }
    }

    public ValueTask<LeaseReply> AcquireAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken) =>
        ask.Purpose == LeasePurpose.Write
            ? UntimedAsync(key.Partition, (inner, key, ask, cancellationToken), static s => s.inner.AcquireAsync(s.key, s.ask, s.cancellationToken))
            : AcquireToLoadAsync(key, ask, cancellationToken);

    public ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken) =>
        TimedAsync(fill.Key.Partition, (inner, fill), static (s, token) => s.inner.FillAsync(s.fill, token), cancellationToken);

    public ValueTask<IReadOnlyList<FillReply>> FillManyAsync(IReadOnlyList<Fill> fills, CancellationToken cancellationToken) =>
        fills.Count == 0 ? inner.FillManyAsync(fills, cancellationToken)
            : TimedAsync(fills[0].Key.Partition, (inner, fills), static (s, token) => s.inner.FillManyAsync(s.fills, token), cancellationToken);

    public ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record, CancellationToken cancellationToken) =>
        UntimedAsync(key.Partition, (inner, key, record, cancellationToken), static s => s.inner.PutAsync(s.key, s.record, s.cancellationToken));

    public async ValueTask ReleaseAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken) =>
        await TimedAsync(key.Partition, (inner, key, nonce), static async (s, token) =>
        {
            await s.inner.ReleaseAsync(s.key, s.nonce, token).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);

    public ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken) =>
        UntimedAsync(partition, (inner, partition, changes, cancellationToken), static s => s.inner.ChangeAsync(s.partition, s.changes, s.cancellationToken));

    public ValueTask<ControlReply> ReadControlAsync(PartitionId partition, long since, Incarnation incarnation, CancellationToken cancellationToken) =>
        inner.ReadControlAsync(partition, since, incarnation, cancellationToken);

    public ValueTask WaitAsync(SharedKey key, TimeSpan patience, CancellationToken cancellationToken) => inner.WaitAsync(key, patience, cancellationToken);

    public ValueTask<CounterReply> CountAsync(SharedKey key, CounterAsk ask, CancellationToken cancellationToken) =>
        UntimedAsync(key.Partition, (inner, key, ask, cancellationToken), static s => s.inner.CountAsync(s.key, s.ask, s.cancellationToken));

    public ValueTask<IAsyncDisposable> SubscribeAsync(PartitionId partition, IPushSink sink, CancellationToken cancellationToken) =>
        inner.SubscribeAsync(partition, sink, cancellationToken);

    private PartitionGuard NewGuard(PartitionId id) => new(id, times, surroundings, listener);

    private async Task ReadPartAsync(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, int[] part, ReadReply[] replies, CancellationToken cancellationToken)
    {
        var guard = Of(keys[part[0]].Partition);
        var call = guard.Begin(cancellationToken);
        SharedKey[] own = [.. part.Select(at => keys[at])];
        LeaseAsk[] ownAsks = asks.Count == 0 ? [] : [.. part.Select(at => asks[at])];
        try
        {
            var read = await inner.ReadManyAsync(own, ownAsks, call.Bucket.Token).ConfigureAwait(false);
            guard.Succeeded(call);
            for (var i = 0; i < part.Length; i++)
            {
                replies[part[i]] = read[i];
            }
        }
        catch (Exception failure)
        {
            var outcome = guard.Failed(call, failure);
            for (var i = 0; i < ownAsks.Length; i++)
            {
                GiveBackIfLate(own[i], ownAsks[i], outcome);
            }

            throw Rethrown(failure, outcome);
        }
    }

    private async ValueTask<LeaseReply> AcquireToLoadAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken)
    {
        try
        {
            return await TimedAsync(key.Partition, (inner, key, ask), static (s, token) => s.inner.AcquireAsync(s.key, s.ask, token), cancellationToken).ConfigureAwait(false);
        }
        catch (SharedTierException failure)
        {
            GiveBackIfLate(key, ask, failure);
            throw;
        }
    }

    private async ValueTask<T> TimedAsync<T, TState>(PartitionId partition, TState state, Func<TState, CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        var guard = Of(partition);
        var call = guard.Begin(cancellationToken);
        try
        {
            var reply = await ask(state, call.Bucket.Token).ConfigureAwait(false);
            guard.Succeeded(call);
            return reply;
        }
        catch (Exception failure)
        {
            throw Rethrown(failure, guard.Failed(call, failure));
        }
    }

    private async ValueTask<T> UntimedAsync<T, TState>(PartitionId partition, TState state, Func<TState, ValueTask<T>> ask)
    {
        var guard = Of(partition);
        var pass = guard.Pass(surroundings.Now);
        try
        {
            var reply = await ask(state).ConfigureAwait(false);
            guard.End(pass, Overload.CallEnd.Succeeded, surroundings.Now);
            return reply;
        }
        catch (Exception failure)
        {
            guard.End(pass, failure is SharedTierException ? Overload.CallEnd.Failed : Overload.CallEnd.Unknown, surroundings.Now);
            throw;
        }
    }

    /// <summary>A lease asked for in vain may have been granted all the same, and others would wait for it until its time is over.</summary>
    private void GiveBackIfLate(SharedKey key, LeaseAsk? ask, Exception outcome)
    {
        if (ask is { } lease && outcome is SharedTierException { InnerException: OperationCanceledException })
        {
            surroundings.RunAside(() => GiveBackAsync(key, lease.Nonce));
        }
    }

    private async Task GiveBackAsync(SharedKey key, Nonce nonce)
    {
        try
        {
            await inner.ReleaseAsync(key, nonce, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SharedTierException)
        {
            // It ends by its time.
        }
    }

    /// <summary>With its own stack, if it is the same.</summary>
    private static Exception Rethrown(Exception failure, Exception outcome)
    {
        if (ReferenceEquals(failure, outcome))
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        return outcome;
    }
}
