using Millpond.FileJournal.Format;
using Millpond.Journals;

namespace Millpond.FileJournal;

/// <summary>The right to flush a journal that one process has: nobody can take it away while the folder's lock is held.</summary>
internal sealed class FileLead(FileJournal journal, long token) : IJournalLead
{
    private volatile bool _isGivenBack;

    public string Identity => journal.Memory.Identity;

    public long Token => token;

    public long Acknowledged => journal.Memory.Acknowledged;

    public CancellationToken Lost => CancellationToken.None;

    public ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long after, int recordsMax, CancellationToken cancellationToken) => new(journal.Memory.Read(after, recordsMax));

    public ValueTask WaitAsync(long after, CancellationToken cancellationToken) => new(journal.Memory.WaitAsync(after, cancellationToken));

    public ValueTask AcknowledgeAsync(long through, CancellationToken cancellationToken)
    {
        ThrowIfGivenBack();
        return journal.AcknowledgeAsync(through, cancellationToken);
    }

    public ValueTask BuryAsync(IReadOnlyList<JournalRecord> records, string reason, CancellationToken cancellationToken)
    {
        ThrowIfGivenBack();
        var kept = DeadLetter.Short(reason);
        return new(journal.TellAsync([.. records.Select(record => new Buried(new DeadLetter(record, kept)))], cancellationToken));
    }

    public ValueTask RemoveAsync(string key, long through, Settlement settlement, CancellationToken cancellationToken)
    {
        ThrowIfGivenBack();
        return new(journal.TellAsync([new Removed(key, through, settlement, 0)], cancellationToken));
    }

    public ValueTask DisposeAsync()
    {
        _isGivenBack = true;
        journal.Resign(this);
        return default;
    }

    private void ThrowIfGivenBack()
    {
        if (_isGivenBack)
        {
            throw new JournalException(JournalFailure.LeadLost, $"The lead with token {token} was given back, and flushes nothing any more.");
        }
    }
}
