using Millpond.Journals;

namespace Millpond.Testing.Journals;

/// <summary>What journals in memory keep: it outlives the instances that open it, as a server or a disk does. Its acknowledgements survive what the test says they do.</summary>
public sealed class InMemoryJournalStore
{
    private readonly Runtime.Surroundings _surroundings;
    private TaskCompletionSource<bool>? _more;
    private InMemoryJournal? _leader;

    /// <summary>Makes an empty store.</summary>
    /// <param name="time">The clock that records are written by; the system's if null.</param>
    public InMemoryJournalStore(TimeProvider? time = null)
        : this(time is null ? Runtime.Surroundings.Real : new Runtime.Surroundings(time))
    {
    }

    internal InMemoryJournalStore(Runtime.Surroundings surroundings)
    {
        _surroundings = surroundings;
        KeptTrail = new InMemoryTrail(this, surroundings.Time);
        Backlog = new Backlog { Settled = KeptTrail.Settled };
    }

    /// <summary>What its journals say that an acknowledgement survives. Default: the process's death.</summary>
    public JournalSurvival Survives { get; init; } = JournalSurvival.ProcessDeath;

    /// <summary>What its journals say about who sees what is pending. Default: all who open it.</summary>
    public JournalReach Reach { get; init; } = JournalReach.Fleet;

    /// <summary>What they keep of what is settled from now on. Default: nothing.</summary>
    public TrailOptions? Trail { get; set; }

    /// <summary>What the next appends meet; null takes them.</summary>
    public JournalFailure? AppendsFail { get; set; }

    /// <summary>Whether an append whose outcome is unknown is taken all the same.</summary>
    public bool TakesUnknown { get; set; }

    /// <summary>Called before each append, which waits for it; null for at once.</summary>
    public Func<Task>? BeforeAppend { get; set; }

    internal Lock Gate { get; } = new();

    internal Backlog Backlog { get; }

    internal InMemoryTrail KeptTrail { get; }

    internal string? Keyspace { get; set; }

    internal long Token { get; private set; }

    internal string Identity { get; } = "memory-1";

    /// <summary>Another instance's journal.</summary>
    public IWriteJournal NewJournal() => new InMemoryJournal(this, _surroundings);

    /// <summary>Ends an instance as a killed process ends: its lead is free, and what it had not been told is not known to it.</summary>
    /// <param name="journal">A journal of this store.</param>
    public void Kill(IWriteJournal journal) => Release((InMemoryJournal)journal);

    /// <summary>Takes the lead from whoever has it, as a network that is cut or a process that is stopped loses it: it is not told.</summary>
    public void TakeLeadAway()
    {
        lock (Gate)
        {
            _leader = null;
        }
    }

    internal long Append(IReadOnlyList<JournalWrite> writes)
    {
        TaskCompletionSource<bool>? more;
        long last;
        lock (Gate)
        {
            if (AppendsFail is { } failure && !(failure == JournalFailure.OutcomeUnknown && TakesUnknown))
            {
                throw Refusal(failure);
            }

            foreach (var write in writes)
            {
                Backlog.Add(new JournalRecord(Backlog.Last + 1, write.Kind, write.Key, write.Value.ToArray(), write.Delta, _surroundings.Time.GetUtcNow()));
            }

            (more, _more, last) = (_more, null, Backlog.Last);
        }

        more?.TrySetResult(true);
        return AppendsFail is { } unknown ? throw Refusal(unknown) : last;
    }

    internal Task<bool> MoreAsync(long after, Func<TaskCompletionSource<bool>> newCompletion)
    {
        lock (Gate)
        {
            return Backlog.HasAfter(after) ? Task.FromResult(true) : (_more ??= newCompletion()).Task;
        }
    }

    internal long? TryLead(InMemoryJournal journal)
    {
        lock (Gate)
        {
            if (_leader is not null)
            {
                return null;
            }

            _leader = journal;
            return ++Token;
        }
    }

    internal bool Leads(InMemoryJournal journal, long token) => ReferenceEquals(_leader, journal) && token == Token;

    internal void Release(InMemoryJournal journal)
    {
        lock (Gate)
        {
            _leader = ReferenceEquals(_leader, journal) ? null : _leader;
        }
    }

    private static JournalException Refusal(JournalFailure failure) => new(failure, "The journal in memory was told to fail.");
}
