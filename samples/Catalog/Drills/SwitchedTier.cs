using Millpond.Shared;

namespace Catalog.Drills;

/// <summary>A shared tier whose every call passes the drills' switch first. Pushes come as they do; a lost tier's heartbeats fail, and that is noticed.</summary>
internal sealed class SwitchedTier : ISharedTier
{
    private readonly ISharedTier _tier;
    private readonly TierSwitch _switch;

    public SwitchedTier(ISharedTier tier, TierSwitch drills)
    {
        (_tier, _switch) = (tier, drills);
        drills.IsConnected = true;
    }

    /// <summary>One that can be lost can lose a push.</summary>
    public SharedTierCapabilities Capabilities => _tier.Capabilities with { PushIsLossless = false };

    public ValueTask ConnectAsync(CancellationToken cancellationToken) => _tier.ConnectAsync(cancellationToken);

    public async ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        return await _tier.ReadAsync(key, ask, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<ReadReply>> ReadManyAsync(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        return await _tier.ReadManyAsync(keys, asks, cancellationToken);
    }

    public async ValueTask<LeaseReply> AcquireAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        return await _tier.AcquireAsync(key, ask, cancellationToken);
    }

    public async ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        return await _tier.FillAsync(fill, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<FillReply>> FillManyAsync(IReadOnlyList<Fill> fills, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        return await _tier.FillManyAsync(fills, cancellationToken);
    }

    public async ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        return await _tier.PutAsync(key, record, cancellationToken);
    }

    public async ValueTask ReleaseAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        await _tier.ReleaseAsync(key, nonce, cancellationToken);
    }

    public async ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        return await _tier.ChangeAsync(partition, changes, cancellationToken);
    }

    public async ValueTask<ControlReply> ReadControlAsync(PartitionId partition, long since, Incarnation incarnation, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        return await _tier.ReadControlAsync(partition, since, incarnation, cancellationToken);
    }

    public async ValueTask WaitAsync(SharedKey key, TimeSpan patience, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        await _tier.WaitAsync(key, patience, cancellationToken);
    }

    public async ValueTask<CounterReply> CountAsync(SharedKey key, CounterAsk ask, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        return await _tier.CountAsync(key, ask, cancellationToken);
    }

    public async ValueTask<IAsyncDisposable> SubscribeAsync(PartitionId partition, IPushSink sink, CancellationToken cancellationToken)
    {
        await _switch.PassAsync(cancellationToken);
        return await _tier.SubscribeAsync(partition, sink, cancellationToken);
    }
}
