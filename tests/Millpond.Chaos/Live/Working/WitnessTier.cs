using System.Globalization;
using Millpond.Chaos.Live.Histories;
using Millpond.Shared;

namespace Millpond.Chaos.Live.Working;

/// <summary>Writes down what the shared tier is asked and answers, as far as the oracles need it: leases, fills, changes, failures.</summary>
internal sealed class WitnessTier(ISharedTier tier, HistoryFile history) : ISharedTier
{
    public SharedTierCapabilities Capabilities => tier.Capabilities;

    public ValueTask ConnectAsync(CancellationToken cancellationToken) => tier.ConnectAsync(cancellationToken);

    public async ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken)
    {
        var began = Entry.Now;
        var reply = await SeenAsync(tier.ReadAsync(key, ask, cancellationToken), KeyOf(key.Text), began).ConfigureAwait(false);
        NoteGrant(key, ask, reply.Lease, reply.State, began);
        return reply;
    }

    public async ValueTask<IReadOnlyList<ReadReply>> ReadManyAsync(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken)
    {
        var began = Entry.Now;
        var replies = await SeenAsync(tier.ReadManyAsync(keys, asks, cancellationToken), -1, began).ConfigureAwait(false);
        for (var i = 0; i < asks.Count; i++)
        {
            NoteGrant(keys[i], asks[i], replies[i].Lease, replies[i].State, began);
        }

        return replies;
    }

    public async ValueTask<LeaseReply> AcquireAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken)
    {
        var began = Entry.Now;
        var reply = await SeenAsync(tier.AcquireAsync(key, ask, cancellationToken), KeyOf(key.Text), began).ConfigureAwait(false);
        NoteGrant(key, ask, reply.Outcome, reply.State, began);
        return reply;
    }

    public async ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken)
    {
        var began = Entry.Now;
        var reply = await SeenAsync(tier.FillAsync(fill, cancellationToken), KeyOf(fill.Key.Text), began).ConfigureAwait(false);
        NoteFill(fill, reply, began);
        return reply;
    }

    public async ValueTask<IReadOnlyList<FillReply>> FillManyAsync(IReadOnlyList<Fill> fills, CancellationToken cancellationToken)
    {
        var began = Entry.Now;
        var replies = await SeenAsync(tier.FillManyAsync(fills, cancellationToken), -1, began).ConfigureAwait(false);
        for (var i = 0; i < fills.Count; i++)
        {
            NoteFill(fills[i], replies[i], began);
        }

        return replies;
    }

    public ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record, CancellationToken cancellationToken) =>
        SeenAsync(tier.PutAsync(key, record, cancellationToken), KeyOf(key.Text), Entry.Now);

    public async ValueTask ReleaseAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken)
    {
        var began = Entry.Now;
        await SeenAsync(ReleasedAsync(key, nonce, cancellationToken), KeyOf(key.Text), began).ConfigureAwait(false);
        history.Write(new Entry { What = What.Released, Key = KeyOf(key.Text), Began = began, Ended = Entry.Now, Mark = (long)nonce.Low });
    }

    public async ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var began = Entry.Now;
        var reply = await SeenAsync(tier.ChangeAsync(partition, changes, cancellationToken), -1, began).ConfigureAwait(false);
        var ended = Entry.Now;
        foreach (var change in changes)
        {
            // A scope of a tag has the tag's name at its end.
            var key = change.Kind == ChangeKind.Key ? KeyOf(change.Name) : change.Kind == ChangeKind.Scope ? KeyOf(change.Name[(change.Name.LastIndexOf('t') + 1)..]) : -1;
            history.Write(new Entry { What = What.Changed, Key = key, Began = began, Ended = ended, Detail = (int)change.Kind, Version = partition.Index, Mark = IsLazy(partition) ? 1 : 0 });
        }

        return reply;
    }

    public ValueTask<ControlReply> ReadControlAsync(PartitionId partition, long since, Incarnation incarnation, CancellationToken cancellationToken) =>
        SeenAsync(tier.ReadControlAsync(partition, since, incarnation, cancellationToken), -1, Entry.Now);

    public ValueTask WaitAsync(SharedKey key, TimeSpan patience, CancellationToken cancellationToken) => tier.WaitAsync(key, patience, cancellationToken);

    public ValueTask<CounterReply> CountAsync(SharedKey key, CounterAsk ask, CancellationToken cancellationToken) => tier.CountAsync(key, ask, cancellationToken);

    public ValueTask<IAsyncDisposable> SubscribeAsync(PartitionId partition, IPushSink sink, CancellationToken cancellationToken) => tier.SubscribeAsync(partition, sink, cancellationToken);

    private static bool IsLazy(PartitionId partition) => partition.Keyspace.Contains(Pond.Lazy, StringComparison.Ordinal);

    private static int KeyOf(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var key) ? key : -1;

    private async ValueTask<bool> ReleasedAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken)
    {
        await tier.ReleaseAsync(key, nonce, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<T> SeenAsync<T>(ValueTask<T> call, int key, long began)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            history.Write(new Entry { What = What.TierFailed, Key = key, Began = began, Ended = Entry.Now, Detail = failure is SharedTierException ? 0 : 1 });
            throw;
        }
    }

    private void NoteGrant(SharedKey key, LeaseAsk? asked, LeaseOutcome outcome, PartitionState state, long began)
    {
        if (asked is { } ask && outcome is LeaseOutcome.Granted or LeaseOutcome.Renewed)
        {
            history.Write(new Entry
            {
                What = What.Granted, Key = KeyOf(key.Text), Began = began, Ended = Entry.Now, Mark = (long)ask.Nonce.Low,
                Version = (uint)ask.Time.TotalMilliseconds | ((long)(state.Incarnation.Low & int.MaxValue) << 32), Detail = ask.Purpose == LeasePurpose.Write ? 1 : 0,
            });
        }
    }

    private void NoteFill(in Fill fill, in FillReply reply, long began) => history.Write(new Entry
    {
        What = What.Filled, Key = KeyOf(fill.Key.Text), Began = began, Ended = Entry.Now, Mark = (long)fill.Nonce.Low, Detail = reply.Outcome == FillOutcome.Stored ? 1 : 0,
    });
}
