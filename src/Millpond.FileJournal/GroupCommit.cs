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

    private readonly GroupQueue<CommitAsk> _asks = new(surroundings, int.MaxValue, BytesMax, ask => ask.Bytes);

    /// <summary>Has it committed, with others. The task ends when it is on the disk, or with why it is not.</summary>
    public Task<long> Add(CommitAsk ask)
    {
        _asks.Add(ask, RunAsync);
        return ask.Done;
    }

    /// <summary>Takes no more, and returns when nothing is under way.</summary>
    public Task CloseAsync() => _asks.CloseAsync();

    private async Task RunAsync()
    {
        while (await _asks.TakeNextAsync().ConfigureAwait(false) is { } asks)
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
