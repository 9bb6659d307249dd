namespace Millpond.Sinks;

/// <summary>
/// A function of the application's as a sink. It has no ledger: after a crash, or after a failure whose outcome is unknown, what it was given is given to it again. So it must be idempotent (an item's <see cref="SinkItem{TKey, TValue}.Position"/> is
/// there to find out), or the writes must bear to be made twice.
/// </summary>
internal sealed class DelegateSink<TKey, TValue>(Func<SinkBatch<TKey, TValue>, CancellationToken, ValueTask> apply) : IWriteSink<TKey, TValue>
    where TKey : notnull
{
    private readonly Dictionary<string, long> _applied = new(StringComparer.Ordinal);

    public ValueTask<long> TakeOverAsync(SinkLead lead, string lane, CancellationToken cancellationToken) => new(_applied.GetValueOrDefault(lane));

    public async ValueTask ApplyAsync(SinkBatch<TKey, TValue> batch, CancellationToken cancellationToken)
    {
        await apply(batch, cancellationToken).ConfigureAwait(false);
        if (batch.Lane.Length == 0)
        {
            // Of other lanes nothing is kept: they are as many as keys that were ever dead.
            _applied[batch.Lane] = batch.Through;
        }
    }
}
