using Millpond.FileJournal.Format;
using Millpond.FileJournal.Segments;
using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.FileJournal;

/// <summary>All of an open journal that is not flushed, and who waits for more of it. Read from everywhere, under its gate.</summary>
internal sealed class JournalMemory(JournalState state, Surroundings surroundings)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<bool>? _more;

    public string Identity => state.Identity!;

    public JournalDepth Depth
    {
        get
        {
            lock (_gate)
            {
                return state.Backlog.Depth;
            }
        }
    }

    public long Acknowledged
    {
        get
        {
            lock (_gate)
            {
                return state.Backlog.Acknowledged;
            }
        }
    }

    public long Last
    {
        get
        {
            lock (_gate)
            {
                return state.Backlog.Last;
            }
        }
    }

    public long Token
    {
        get
        {
            lock (_gate)
            {
                return state.Token;
            }
        }
    }

    public JournalRecord? Find(string key)
    {
        lock (_gate)
        {
            return state.Backlog.Find(key);
        }
    }

    public IReadOnlyList<DeadLetter> ReadDead(long after, int lettersMax)
    {
        lock (_gate)
        {
            return state.Backlog.ReadDead(after, lettersMax);
        }
    }

    public IReadOnlyList<JournalRecord> Read(long after, int recordsMax)
    {
        lock (_gate)
        {
            return state.Backlog.Read(after, recordsMax);
        }
    }

    public Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (state.Backlog.HasAfter(after))
            {
                return Task.CompletedTask;
            }

            _more ??= surroundings.NewCompletion<bool>();
            return surroundings.WaitAsync(_more.Task, cancellationToken);
        }
    }

    public void Acknowledge(long through)
    {
        lock (_gate)
        {
            state.Backlog.Acknowledge(through);
        }
    }

    /// <summary>Takes over what the disk has, and wakes who waits.</summary>
    public void Apply(List<Entry> entries)
    {
        TaskCompletionSource<bool>? more;
        lock (_gate)
        {
            entries.ForEach(state.Apply);
            (more, _more) = (_more, null);
        }

        more?.TrySetResult(true);
    }

    public Checkpoint Stand(long at)
    {
        lock (_gate)
        {
            return state.ToCheckpoint(at);
        }
    }
}
