using System.Collections.Concurrent;
using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Shared.Guarding;

namespace Millpond.WarmSides;

/// <summary>
/// The shared tier that a cold one is filled from, as the keyspaces of one cache see it: read only, behind a guard of its own, and not there until it has answered once.
/// </summary>
internal sealed class WarmSide : IDisposable
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);

    private readonly GuardedTier _tier;
    private readonly Surroundings _surroundings;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly ConcurrentDictionary<PartitionId, ControlReply> _controls = new();
    private long _holdOffTicks;
    private bool _isConnected;

    public WarmSide(ISharedTier tier, Func<TierTimes> times, Surroundings surroundings)
    {
        // Deaf, because partitions are named alike on both sides: what its guard does would read as the shared tier's own trouble.
        _tier = new GuardedTier(tier, times, surroundings, CacheListener.Deaf);
        _surroundings = surroundings;
    }

    /// <summary>What changed more recently than this is never copied. Swapped while running.</summary>
    public TimeSpan HoldOff
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _holdOffTicks));
        set => Volatile.Write(ref _holdOffTicks, value.Ticks);
    }

    /// <summary>Connects, aside and again and again until it succeeds: nobody waits for it.</summary>
    public void Start(CacheListener listener) => _surroundings.RunAside(() => ConnectAsync(listener, _lifetime.Token));

    public void Dispose() => _lifetime.Cancel();

    /// <summary>A key's name there, where there may be another number of partitions; null while it is not to be asked.</summary>
    public SharedKey? NameOf(string keyspace, string text)
    {
        if (!Volatile.Read(ref _isConnected))
        {
            return null;
        }

        var partition = new PartitionId(keyspace, PartitionHash.Of(text, _tier.Capabilities.PartitionsPerKeyspace));
        return _tier.Of(partition).IsAway() ? null : new SharedKey(partition, text);
    }

    public ValueTask<IReadOnlyList<ReadReply>> ReadAsync(IReadOnlyList<SharedKey> keys, CancellationToken cancellationToken) => _tier.ReadManyAsync(keys, [], cancellationToken);

    /// <summary>
    /// Whether a record is what its own side takes for valid: stamped in the life that the side is in, left in place by no change of its key, and at or above the floors of its keyspace and of all its scopes.
    /// </summary>
    public async ValueTask<bool> IsValidThereAsync(SharedKey key, SharedRecord record, ReadReply reply, CancellationToken cancellationToken)
    {
        if (reply.IsInvalidated || record.Incarnation != reply.State.Incarnation)
        {
            return false;
        }

        if (record.Stamp >= reply.State.FloorSequence)
        {
            return true;
        }

        // Floors only rise, so those that are known from a later step than the record's judge it no milder.
        if (!_controls.TryGetValue(key.Partition, out var control) || control.State.Incarnation != reply.State.Incarnation || control.State.FloorSequence < reply.State.FloorSequence)
        {
            _controls[key.Partition] = control = await _tier.ReadControlAsync(key.Partition, reply.State.Sequence, reply.State.Incarnation, cancellationToken).ConfigureAwait(false);
        }

        return control.State.Incarnation == record.Incarnation && record.Stamp >= control.KeyspaceFloor && record.Stamp >= control.Floors.GetValueOrDefault(Scope.Doubt)
            && record.Scopes.All(scope => record.Stamp >= control.Floors.GetValueOrDefault(scope));
    }

    private async Task ConnectAsync(CacheListener listener, CancellationToken cancellationToken)
    {
        try
        {
            while (await FailureToConnectAsync(cancellationToken).ConfigureAwait(false) is { } failure)
            {
                listener.On(new WarmSideConnected(_tier.Capabilities, failure));
                await _surroundings.Delay(BetweenTries, cancellationToken).ConfigureAwait(false);
            }

            Volatile.Write(ref _isConnected, true);
            listener.On(new WarmSideConnected(_tier.Capabilities, null));
        }
        catch (OperationCanceledException)
        {
            // The cache has been disposed.
        }
    }

    private async ValueTask<Exception?> FailureToConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _tier.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (SharedTierException failure)
        {
            return failure;
        }
    }
}
