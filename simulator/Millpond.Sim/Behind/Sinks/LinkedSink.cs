using Millpond.Sinks;

namespace Millpond.Sim.Behind.Sinks;

/// <summary>The database as one process's flusher sees it. It heeds no token: what was sent is on its way.</summary>
internal sealed class LinkedSink<TValue>(SinkDatabase database, StoreWire wire, Func<SinkBatch<int, TValue>, long> apply) : IWriteSink<int, TValue>
{
    public ValueTask<long> TakeOverAsync(SinkLead lead, string lane, CancellationToken cancellationToken) => wire.AskAsync(() => database.TakeOver(lead, lane), cancellationToken);

    public async ValueTask ApplyAsync(SinkBatch<int, TValue> batch, CancellationToken cancellationToken) => await wire.AskAsync(() => apply(batch), cancellationToken).ConfigureAwait(false);
}
