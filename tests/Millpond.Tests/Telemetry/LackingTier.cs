using Millpond.Shared;

namespace Millpond.Tests.Telemetry;

/// <summary>A shared tier that says of itself what it lacks.</summary>
internal sealed class LackingTier(ISharedTier inner, params string[] shortfalls) : ISharedTier
{
    public SharedTierCapabilities Capabilities { get; } = inner.Capabilities with { Shortfalls = shortfalls };

    public ValueTask ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken) => inner.ReadAsync(key, ask, cancellationToken);

    public ValueTask<IReadOnlyList<ReadReply>> ReadManyAsync(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken) =>
        inner.ReadManyAsync(keys, asks, cancellationToken);

    public ValueTask<LeaseReply> AcquireAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken) => inner.AcquireAsync(key, ask, cancellationToken);

    public ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken) => inner.FillAsync(fill, cancellationToken);

    public ValueTask<IReadOnlyList<FillReply>> FillManyAsync(IReadOnlyList<Fill> fills, CancellationToken cancellationToken) => inner.FillManyAsync(fills, cancellationToken);

    public ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record, CancellationToken cancellationToken) => inner.PutAsync(key, record, cancellationToken);

    public ValueTask ReleaseAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken) => inner.ReleaseAsync(key, nonce, cancellationToken);

    public ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken) =>
        inner.ChangeAsync(partition, changes, cancellationToken);

    public ValueTask<ControlReply> ReadControlAsync(PartitionId partition, long since, Incarnation incarnation, CancellationToken cancellationToken) =>
        inner.ReadControlAsync(partition, since, incarnation, cancellationToken);

    public ValueTask WaitAsync(SharedKey key, TimeSpan patience, CancellationToken cancellationToken) => inner.WaitAsync(key, patience, cancellationToken);

    public ValueTask<CounterReply> CountAsync(SharedKey key, CounterAsk ask, CancellationToken cancellationToken) => inner.CountAsync(key, ask, cancellationToken);

    public ValueTask<IAsyncDisposable> SubscribeAsync(PartitionId partition, IPushSink sink, CancellationToken cancellationToken) =>
        inner.SubscribeAsync(partition, sink, cancellationToken);
}
