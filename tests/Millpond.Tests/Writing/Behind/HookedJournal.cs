using Millpond.Journals;

namespace Millpond.Tests.Writing.Behind;

/// <summary>A journal with something before its opening, after its answer, or around its leads.</summary>
internal sealed class HookedJournal(IWriteJournal journal) : IWriteJournal
{
    public Action? BeforeOpen { get; set; }

    /// <summary>Awaited when it is known what is pending, and before the answer.</summary>
    public Func<Task>? AfterFind { get; set; }

    /// <summary>What becomes of each lead; null leaves it as it is.</summary>
    public Func<IJournalLead, IJournalLead>? OfLead { get; set; }

    public JournalCapabilities Capabilities => journal.Capabilities;

    public JournalDepth Depth => journal.Depth;

    public ValueTask OpenAsync(string keyspace, CancellationToken cancellationToken)
    {
        BeforeOpen?.Invoke();
        return journal.OpenAsync(keyspace, cancellationToken);
    }

    public ValueTask<long> AppendAsync(IReadOnlyList<JournalWrite> writes, CancellationToken cancellationToken) => journal.AppendAsync(writes, cancellationToken);

    public async ValueTask<JournalRecord?> FindPendingAsync(string key, CancellationToken cancellationToken)
    {
        var found = await journal.FindPendingAsync(key, cancellationToken);
        await (AfterFind?.Invoke() ?? Task.CompletedTask);
        return found;
    }

    public ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(long after, int lettersMax, CancellationToken cancellationToken) => journal.ReadDeadLettersAsync(after, lettersMax, cancellationToken);

    public async ValueTask<IJournalLead?> TryLeadAsync(CancellationToken cancellationToken)
    {
        var lead = await journal.TryLeadAsync(cancellationToken);
        return lead is null || OfLead is null ? lead : OfLead(lead);
    }

    public ValueTask DisposeAsync() => journal.DisposeAsync();
}
