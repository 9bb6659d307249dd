using Millpond.Shared;

namespace Millpond.Sim.Network;

/// <summary>
/// The shared tier as one process sees it: every operation a message there and one back over its <see cref="Link"/>. What is sent is copied first, as bytes on a
/// wire would be, because a request may arrive long after its sender gave up.
/// </summary>
internal sealed class LinkedTier(Link link, TimeSpan heartbeat) : ISharedTier
{
    private readonly List<LinkedSubscription> _subscriptions = [];

    public SharedTierCapabilities Capabilities { get; } = new()
    {
        Product = "simulated",
        HoldsValues = true,
        PushIsLossless = false,
        HeartbeatPeriod = heartbeat,
    };

    public ValueTask ConnectAsync(CancellationToken cancellationToken) => default;

    public ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken) =>
        link.AskAsync(() => link.Engine.Read(key, ask), cancellationToken);

    public ValueTask<IReadOnlyList<ReadReply>> ReadManyAsync(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken) =>
        link.AskAsync(() => link.Engine.ReadMany(keys, asks), cancellationToken);

    public ValueTask<LeaseReply> AcquireAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken) =>
        link.AskAsync(() => link.Engine.Acquire(key, ask), cancellationToken);

    public ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken)
    {
        var sent = fill with { Record = fill.Record.Copied() };
        return link.AskAsync(() => link.Engine.Fill(sent), cancellationToken);
    }

    public ValueTask<IReadOnlyList<FillReply>> FillManyAsync(IReadOnlyList<Fill> fills, CancellationToken cancellationToken)
    {
        Fill[] sent = [.. fills.Select(fill => fill with { Record = fill.Record.Copied() })];
        return link.AskAsync(() => link.Engine.FillMany(sent), cancellationToken);
    }

    public ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record, CancellationToken cancellationToken)
    {
        var sent = record.Copied();
        return link.AskAsync(() => link.Engine.Put(key, sent), cancellationToken);
    }

    public async ValueTask ReleaseAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken) =>
        await link.AskAsync(() => link.Engine.Release(key, nonce), cancellationToken).ConfigureAwait(false);

    public ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken) =>
        link.AskAsync(() => link.Engine.Change(partition, changes), cancellationToken);

    public ValueTask<ControlReply> ReadControlAsync(PartitionId partition, long since, Incarnation incarnation, CancellationToken cancellationToken) =>
        link.AskAsync(() => link.Engine.ReadControl(partition, since, incarnation), cancellationToken);

    /// <summary>News of the lease's end may be lost; the patience is the asker's own and is not.</summary>
    public async ValueTask WaitAsync(SharedKey key, TimeSpan patience, CancellationToken cancellationToken)
    {
        var over = new TaskCompletionSource<bool>();
        link.AtHome(patience.Ticks, () => over.TrySetResult(true));
        if (!link.IsCut)
            link.Agenda.After(link.Latency(), () => _ = WatchAsync(key, patience, over));
        await over.Task.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public ValueTask<CounterReply> CountAsync(SharedKey key, CounterAsk ask, CancellationToken cancellationToken) =>
        link.AskAsync(() => link.Engine.Count(key, ask), cancellationToken);

    public async ValueTask<IAsyncDisposable> SubscribeAsync(PartitionId partition, IPushSink sink, CancellationToken cancellationToken)
    {
        var subscription = new LinkedSubscription(link, partition, sink);
        try
        {
            await link.AskAsync(subscription.Begin, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // The engine may have begun it; nobody here knows its name, so nothing of it is heard.
            await subscription.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _subscriptions.RemoveAll(one => one.HasEnded);
        _subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>Breaks the channels; whoever listens is told, after a while.</summary>
    public void BreakChannels()
    {
        foreach (var subscription in _subscriptions)
            subscription.Break("The connection was lost.");
    }

    /// <summary>The channels stay open and bring nothing.</summary>
    public void SilenceChannels(bool silent)
    {
        foreach (var subscription in _subscriptions)
            subscription.IsSilent = silent;
    }

    private async Task WatchAsync(SharedKey key, TimeSpan patience, TaskCompletionSource<bool> over)
    {
        if (link.Engine.IsDown || link.IsCut)
            return;
        await link.Engine.Tier.WaitAsync(key, patience, default).ConfigureAwait(false);
        link.Push(link.Latency(), () => over.TrySetResult(true));
    }
}
