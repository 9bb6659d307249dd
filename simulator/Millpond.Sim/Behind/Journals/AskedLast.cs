using Millpond.Journals;

namespace Millpond.Sim.Behind.Journals;

/// <summary>A deliberate bug: the source is read before the journal is asked what is pending, so that a flush between the two hides a write from both (A54).</summary>
internal sealed class AskedLast(IWriteJournal journal, Func<string, ValueTask> readSource) : IWriteJournal
{
    public JournalCapabilities Capabilities => journal.Capabilities;

    public JournalDepth Depth => journal.Depth;

    public ValueTask OpenAsync(string keyspace, CancellationToken cancellationToken) => journal.OpenAsync(keyspace, cancellationToken);

    public ValueTask<long> AppendAsync(IReadOnlyList<JournalWrite> writes, CancellationToken cancellationToken) => journal.AppendAsync(writes, cancellationToken);

    public async ValueTask<JournalRecord?> FindPendingAsync(string key, CancellationToken cancellationToken)
    {
        await readSource(key).ConfigureAwait(false);
        return await journal.FindPendingAsync(key, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(long after, int lettersMax, CancellationToken cancellationToken) => journal.ReadDeadLettersAsync(after, lettersMax, cancellationToken);

    public ValueTask<IJournalLead?> TryLeadAsync(CancellationToken cancellationToken) => journal.TryLeadAsync(cancellationToken);

    public ValueTask DisposeAsync() => journal.DisposeAsync();
}
