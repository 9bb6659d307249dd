using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.Testing.Journals;

/// <summary>One instance's journal over a store in memory.</summary>
internal sealed class InMemoryJournal(InMemoryJournalStore store, Surroundings surroundings) : IWriteJournal
{
    public JournalCapabilities Capabilities { get; } = new() { Kind = "memory", Survives = store.Survives, Reach = store.Reach };

    public IJournalTrail? Trail => store.Trail is null ? null : store.KeptTrail;

    public JournalDepth Depth
    {
        get
        {
            lock (store.Gate)
            {
                return store.Backlog.Depth;
            }
        }
    }

    public ValueTask OpenAsync(string keyspace, CancellationToken cancellationToken)
    {
        store.Keyspace ??= keyspace;
        return store.Keyspace == keyspace ? default
            : throw new JournalException(JournalFailure.Unfit, $"The journal in memory is of keyspace '{store.Keyspace}' and was opened for '{keyspace}'. Give each keyspace a journal of its own.");
    }

    public async ValueTask<long> AppendAsync(IReadOnlyList<JournalWrite> writes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(writes.Count);
        if (store.BeforeAppend is { } before)
        {
            await before().ConfigureAwait(false);
        }

        return store.Append(writes);
    }

    public ValueTask<JournalRecord?> FindPendingAsync(string key, CancellationToken cancellationToken)
    {
        lock (store.Gate)
        {
            return new(store.Backlog.Find(key));
        }
    }

    public ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(long after, int lettersMax, CancellationToken cancellationToken)
    {
        lock (store.Gate)
        {
            return new(store.Backlog.ReadDead(after, lettersMax));
        }
    }

    public ValueTask<IJournalLead?> TryLeadAsync(CancellationToken cancellationToken) => new(store.TryLead(this) is { } token ? new InMemoryLead(this, store, token, surroundings) : null);

    public ValueTask DisposeAsync()
    {
        store.Release(this);
        return default;
    }
}

/// <summary>The lead of such an instance. One that has lost it does not know before it tries.</summary>
internal sealed class InMemoryLead(InMemoryJournal journal, InMemoryJournalStore store, long token, Surroundings surroundings) : IJournalLead
{
    private readonly CancellationTokenSource _lost = new();

    public string Identity => store.Identity;

    public long Token => token;

    public long Acknowledged
    {
        get
        {
            lock (store.Gate)
            {
                return store.Backlog.Acknowledged;
            }
        }
    }

    public CancellationToken Lost => _lost.Token;

    public ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long after, int recordsMax, CancellationToken cancellationToken)
    {
        lock (store.Gate)
        {
            return new(store.Backlog.Read(after, recordsMax));
        }
    }

    public ValueTask WaitAsync(long after, CancellationToken cancellationToken) => new(surroundings.WaitAsync(store.MoreAsync(after, surroundings.NewCompletion<bool>), cancellationToken));

    public ValueTask AcknowledgeAsync(long through, CancellationToken cancellationToken) => Leading(backlog => backlog.Acknowledge(through));

    public ValueTask BuryAsync(IReadOnlyList<JournalRecord> records, string reason, CancellationToken cancellationToken) => Leading(backlog =>
    {
        foreach (var record in records)
        {
            backlog.Bury(new DeadLetter(record, reason));
        }
    });

    public ValueTask RemoveAsync(string key, long through, Settlement settlement, CancellationToken cancellationToken) =>
        Leading(backlog => backlog.Remove(key, through, settlement));

    public ValueTask DisposeAsync()
    {
        if (store.Leads(journal, token))
        {
            store.Release(journal);
        }

        return default;
    }

    private ValueTask Leading(Action<Backlog> act)
    {
        lock (store.Gate)
        {
            if (store.Leads(journal, token))
            {
                act(store.Backlog);
                return default;
            }
        }

        // Outside: who hears of it may ask the journal.
        _lost.Cancel();
        throw new JournalException(JournalFailure.LeadLost, $"The lead with token {token} is lost; the newest is {store.Token}.");
    }
}
