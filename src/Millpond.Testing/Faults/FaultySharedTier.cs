using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Testing.Faults;

/// <summary>
/// A shared tier whose network is in a test's hands: requests and replies can be lost, delayed and held at gates; pushes can be lost, repeated,
/// delayed and reordered; channels can break or fall silent. It declares that pushes can be lost, so whoever uses it asks for heartbeats; those pass
/// as <see cref="SharedOperation.ReadControl"/>.
/// </summary>
public sealed class FaultySharedTier : ISharedTier
{
    private readonly ISharedTier _inner;

    /// <summary>Wraps a tier; without faults until they are asked for.</summary>
    /// <param name="inner">The tier that does the work.</param>
    /// <param name="time">Whose timers delay; null for the system's.</param>
    /// <param name="seed">Decides what is left to chance.</param>
    public FaultySharedTier(ISharedTier inner, TimeProvider? time = null, int seed = 0)
        : this(inner, time is null ? Surroundings.Real : new Surroundings(time), seed)
    {
    }

    internal FaultySharedTier(ISharedTier inner, Surroundings surroundings, int seed)
    {
        _inner = inner;
        var chance = new Random(seed);
        Operations = new OperationFaults(surroundings, chance);
        // Each its own stream, or switching one kind of fault on would redraw the others.
        Pushes = new PushFaults(surroundings, new Random(chance.Next()));
    }

    /// <summary>What happens to operations.</summary>
    public OperationFaults Operations { get; }

    /// <summary>What happens to pushes.</summary>
    public PushFaults Pushes { get; }

    /// <summary>How often whoever uses this tier shall ask for a heartbeat; null for what the wrapped tier says.</summary>
    public TimeSpan? HeartbeatPeriod { get; init; }

    /// <inheritdoc/>
    public SharedTierCapabilities Capabilities => _inner.Capabilities with
    {
        PushIsLossless = false,
        HeartbeatPeriod = HeartbeatPeriod ?? _inner.Capabilities.HeartbeatPeriod,
    };

    /// <inheritdoc/>
    public ValueTask ConnectAsync(CancellationToken cancellationToken) =>
        ThroughAsync(SharedOperation.Connect, [], () => _inner.ConnectAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken) =>
        ThroughAsync(SharedOperation.Read, [key.Text], () => _inner.ReadAsync(key, ask, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ReadReply>> ReadManyAsync(
        IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken) =>
        ThroughAsync(SharedOperation.ReadMany, [.. keys.Select(k => k.Text)], () => _inner.ReadManyAsync(keys, asks, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LeaseReply> AcquireAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken) =>
        ThroughAsync(SharedOperation.Acquire, [key.Text], () => _inner.AcquireAsync(key, ask, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken) =>
        ThroughAsync(SharedOperation.Fill, [fill.Key.Text], () => _inner.FillAsync(fill, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<FillReply>> FillManyAsync(IReadOnlyList<Fill> fills, CancellationToken cancellationToken) =>
        ThroughAsync(SharedOperation.FillMany, [.. fills.Select(f => f.Key.Text)], () => _inner.FillManyAsync(fills, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record, CancellationToken cancellationToken) =>
        ThroughAsync(SharedOperation.Put, [key.Text], () => _inner.PutAsync(key, record, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken) =>
        ThroughAsync(SharedOperation.Release, [key.Text], () => _inner.ReleaseAsync(key, nonce, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken) =>
        ThroughAsync(
            SharedOperation.Change, [.. changes.Select(c => c.Name)], () => _inner.ChangeAsync(partition, changes, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlReply> ReadControlAsync(
        PartitionId partition, long since, Incarnation incarnation, CancellationToken cancellationToken) =>
        ThroughAsync(
            SharedOperation.ReadControl, [], () => _inner.ReadControlAsync(partition, since, incarnation, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask WaitAsync(SharedKey key, TimeSpan patience, CancellationToken cancellationToken) =>
        ThroughAsync(SharedOperation.Wait, [key.Text], () => _inner.WaitAsync(key, patience, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<CounterReply> CountAsync(SharedKey key, CounterAsk ask, CancellationToken cancellationToken) =>
        ThroughAsync(SharedOperation.Count, [key.Text], () => _inner.CountAsync(key, ask, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IAsyncDisposable> SubscribeAsync(PartitionId partition, IPushSink sink, CancellationToken cancellationToken)
    {
        var channel = new FaultyChannel(partition, sink, Pushes);
        try
        {
            return await ThroughAsync(SharedOperation.Subscribe, [], () => OpenAsync(partition, channel, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            // Who was never told of the subscription cannot end it.
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<IAsyncDisposable> OpenAsync(PartitionId partition, FaultyChannel channel, CancellationToken cancellationToken)
    {
        Pushes.Add(channel);
        channel.Attach(await _inner.SubscribeAsync(partition, channel, cancellationToken).ConfigureAwait(false));
        return channel;
    }

    private async ValueTask<T> ThroughAsync<T>(
        SharedOperation operation, IReadOnlyList<string> keys, Func<ValueTask<T>> act, CancellationToken cancellationToken)
    {
        Operations.CountOne(operation);
        await Operations.PassAsync(operation, FaultPoint.BeforeEffect, keys, cancellationToken).ConfigureAwait(false);
        T reply = await act().ConfigureAwait(false);
        await Operations.PassAsync(operation, FaultPoint.AfterEffect, keys, cancellationToken).ConfigureAwait(false);
        return reply;
    }

    private async ValueTask ThroughAsync(
        SharedOperation operation, IReadOnlyList<string> keys, Func<ValueTask> act, CancellationToken cancellationToken) =>
        await ThroughAsync(operation, keys, async () =>
        {
            await act().ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);
}
