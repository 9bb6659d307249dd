using Millpond.FileJournal.Format;
using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.FileJournal;

/// <summary>
/// One committer at a time: whoever comes while a commit is under way waits for the next one, and all who wait share its flush. So the more write at once, the more each flush carries.
/// </summary>
internal sealed class GroupCommit(Surroundings surroundings, Action<IReadOnlyList<CommitAsk>> commit)
{
    // A commit of more is split: its buffer and its wait grow with it. One ask that is larger goes alone.
    private const int BytesMax = 4 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<CommitAsk> _waiting = new();
    private bool _isCommitting;
    private bool _isClosed;
    private TaskCompletionSource<bool>? _idle;

    /// <summary>Has it committed, with others. The task ends when it is on the disk, or with why it is not.</summary>
    public Task<long> Add(CommitAsk ask)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                throw new JournalException(JournalFailure.Refused, "The journal has been closed, because its cache is being disposed. Write before the program stops.");
            }

            _waiting.Enqueue(ask);
            if (_isCommitting)
            {
                return ask.Done;
            }

            _isCommitting = true;
        }

        surroundings.RunAside(Run);
        return ask.Done;
    }

    /// <summary>Takes no more, and returns when nothing is under way.</summary>
    public async Task CloseAsync()
    {
        Task idle;
        lock (_gate)
        {
            _isClosed = true;
            if (!_isCommitting)
            {
                return;
            }

            _idle = surroundings.NewCompletion<bool>();
            idle = _idle.Task;
        }

        await idle.ConfigureAwait(false);
    }

    private Task Run()
    {
        while (TakeNext() is { } asks)
        {
            try
            {
                commit(asks);
            }
            catch (Exception defect)
            {
                // Nothing should come here; whoever waits must hear of it all the same.
                asks.ForEach(ask => ask.Fail(new JournalException(JournalFailure.OutcomeUnknown, $"A commit threw {defect.GetType().Name}; this is a defect of Millpond.", defect)));
            }

            foreach (var ask in asks)
            {
                ask.Tell();
            }
        }

        return Task.CompletedTask;
    }

    private List<CommitAsk>? TakeNext()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _isCommitting = false;
                _idle?.TrySetResult(true);
                return null;
            }

            var taken = new List<CommitAsk>(_waiting.Count);
            long bytes = 0;
            while (_waiting.TryPeek(out var next) && (taken.Count == 0 || bytes + next.Bytes <= BytesMax))
            {
                bytes += next.Bytes;
                taken.Add(_waiting.Dequeue());
            }

            return taken;
        }
    }
}

/// <summary>Entries that somebody wants committed.</summary>
internal sealed class CommitAsk(IReadOnlyList<Entry> entries, IReadOnlyList<JournalWrite> writes, TaskCompletionSource<long> done)
{
    public static readonly IReadOnlyList<Entry> NoEntries = [];

    private Exception? _failure;
    private long _last;

    public IReadOnlyList<Entry> Entries => entries;

    /// <summary>Records without a position yet: it is given in the order of commits.</summary>
    public IReadOnlyList<JournalWrite> Writes => writes;

    public long Bytes { get; } = writes.Sum(write => (long)write.Value.Length + write.Key.Length) + (entries.Count * 64L);

    public Task<long> Done => done.Task;

    public void Succeed(long last) => _last = last;

    public void Fail(Exception failure) => _failure = failure;

    public void Tell()
    {
        if (_failure is null)
        {
            done.TrySetResult(_last);
        }
        else
        {
            done.TrySetException(_failure);
        }
    }
}
