using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Shared;

namespace Millpond.Invalidation;

/// <summary>
/// The invalidate road: every cause of staleness in this process comes this way. Fence what is here, change the shared tier (which pushes to the
/// others), fence again.
/// </summary>
/// <remarks>
/// The first fence stands even if the shared tier cannot be reached. The second one has the change's number and catches a flight that began in between
/// and still read the old value. A caller who stops waiting does not stop the change; nor does one whose token was cancelled before the call, because
/// its write was committed all the same.
/// </remarks>
internal sealed class InvalidateRoad<TKey, TValue>(KeyspaceCore<TKey, TValue> core)
    where TKey : notnull
{
    public ValueTask KeysAsync(IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken)
    {
        core.ThrowIfDisposed();
        (TKey Key, SharedKey Name)[] named = [.. keys.Distinct().Select(key => (key, core.NameOf(key)))];
        return named.Length == 0 ? ValueTask.CompletedTask : Awaited(ChangeKeysAsync(named, core.Policy.Options.AfterInvalidation, ChangeOrigin.Made), cancellationToken);
    }

    /// <summary>Takes a key's value away whatever the policy leaves after invalidation: there is nothing in its place that could be served meanwhile.</summary>
    public ValueTask DropAsync(TKey key) => ChangeKeysAsync([(key, core.NameOf(key))], AfterInvalidation.Gone, ChangeOrigin.Made);

    /// <summary>Changes every entry that carries the scope, in all partitions.</summary>
    public ValueTask ScopeAsync(string scope, CancellationToken cancellationToken) =>
        EverywhereAsync(Change.OfScope(scope), entry => entry.Scopes.Contains(scope), cancellationToken);

    public ValueTask KeyspaceAsync(CancellationToken cancellationToken) =>
        EverywhereAsync(Change.OfKeyspace(), _ => true, cancellationToken);

    /// <summary>
    /// The changes that a feed found, that somebody outside names, or that were flushed. Returns when every partition has been told or its changes are deferred; what is deferred counts as told when the tasks added to
    /// <paramref name="deferred"/> complete, and not before.
    /// </summary>
    public async ValueTask FoundAsync(IReadOnlyCollection<TKey> keys, IReadOnlyList<Change> scopes, ChangeOrigin origin, ISet<Task<bool>> deferred)
    {
        var ofScopes = scopes.Count == 0 ? ValueTask.CompletedTask : ChangeEverywhereAsync(scopes, entry => scopes.Any(one => Carries(entry, one)), origin, deferred);
        if (keys.Count > 0)
        {
            await ChangeKeysAsync([.. keys.Select(key => (key, core.NameOf(key)))], core.Policy.Options.AfterInvalidation, origin, deferred).ConfigureAwait(false);
        }

        await ofScopes.ConfigureAwait(false);
    }

    // A doubt takes nothing away; with the shared tier out of reach, what is held is soft-stale within two heartbeats anyway.
    private static bool Carries(Entry<TValue> entry, in Change scope) => scope.Kind == ChangeKind.Keyspace || entry.Scopes.Contains(scope.Name);

    private ValueTask Awaited(ValueTask change, CancellationToken cancellationToken) =>
        !cancellationToken.CanBeCanceled || change.IsCompleted ? change : new ValueTask(core.Surroundings.WaitAsync(change.AsTask(), cancellationToken));

    private async ValueTask ChangeKeysAsync((TKey Key, SharedKey Name)[] named, AfterInvalidation after, ChangeOrigin origin, ISet<Task<bool>>? deferred = null)
    {
        FenceKeys(named, long.MaxValue, default, after);
        foreach (var group in ByPartition(named))
        {
            var changes = Array.ConvertAll(group, pair => Change.OfKey(pair.Name.Text, after));
            try
            {
                var reply = await core.Tier.ChangeAsync(group[0].Name.Partition, changes, core.Lifetime).ConfigureAwait(false);
                FenceKeys(group, reply.State.Sequence, reply.State.Incarnation, after);
                core.Listener.On(new Changed(core.Name, ChangeKind.Key, changes.Length, origin));
            }
            catch (SharedTierException failure)
            {
                Note(core.Deferred.Add(group[0].Name.Partition, changes, failure), deferred);
                FenceKeys(group, long.MaxValue, default, after);
            }
            catch (OperationCanceledException) when (core.IsDisposed)
            {
                throw core.Disposed();
            }
        }
    }

    private ValueTask EverywhereAsync(Change change, Func<Entry<TValue>, bool> carries, CancellationToken cancellationToken)
    {
        core.ThrowIfDisposed();
        return Awaited(ChangeEverywhereAsync([change], carries, ChangeOrigin.Made), cancellationToken);
    }

    private async ValueTask ChangeEverywhereAsync(IReadOnlyList<Change> changes, Func<Entry<TValue>, bool> carries, ChangeOrigin origin, ISet<Task<bool>>? deferred = null)
    {
        foreach (var keeper in core.Partitions)
        {
            // Floors are numbers of the shared tier; a view that has not begun could not take them over.
            await keeper.StartAsync().ConfigureAwait(false);
            try
            {
                var reply = await core.Tier.ChangeAsync(keeper.View.Id, changes, core.Lifetime).ConfigureAwait(false);
                if (!keeper.ApplyOwn(reply, changes))
                {
                    DropHere(carries);
                }

                foreach (var kind in changes.GroupBy(change => change.Kind))
                {
                    core.Listener.On(new Changed(core.Name, kind.Key, kind.Count(), origin));
                }
            }
            catch (SharedTierException failure)
            {
                Note(core.Deferred.Add(keeper.View.Id, changes, failure), deferred);
                DropHere(carries);
            }
            catch (OperationCanceledException) when (core.IsDisposed)
            {
                throw core.Disposed();
            }
        }
    }

    private static void Note(Task<bool> told, ISet<Task<bool>>? deferred)
    {
        if (deferred is not null)
        {
            lock (deferred)
            {
                deferred.Add(told);
            }
        }
    }

    /// <summary>Where there is no floor to compare with: whatever is on its way or held goes.</summary>
    private void DropHere(Func<Entry<TValue>, bool> carries)
    {
        core.Flights.FenceAll();
        core.Local.RemoveWhere(carries);
    }

    // Most changes are of one key, or of few in a keyspace that has one partition.
    private static (TKey Key, SharedKey Name)[][] ByPartition((TKey Key, SharedKey Name)[] named) =>
        Array.TrueForAll(named, pair => pair.Name.Partition == named[0].Name.Partition)
            ? named.Length == 0 ? [] : [named]
            : [.. named.GroupBy(pair => pair.Name.Partition).Select(group => group.ToArray())];

    private void FenceKeys((TKey Key, SharedKey Name)[] named, long sequence, Incarnation incarnation, AfterInvalidation after)
    {
        var now = core.Surroundings.Now;
        foreach (var (key, _) in named)
        {
            core.Flights.Fence(key, sequence, incarnation, after, now);
        }
    }
}
