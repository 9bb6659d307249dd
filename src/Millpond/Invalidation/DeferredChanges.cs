using Millpond.Events;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Invalidation;

/// <summary>
/// Changes that could not be told to the shared tier, kept until they can. While a change waits here, this process does not believe what the shared tier
/// holds for what it covers, so it still never reads a value from before its own change.
/// </summary>
/// <remarks>
/// The outcome of a failed change is unknown: it may have been made. Making it again costs one more miss and no correctness (A15). In order
/// within a partition; bounded: past the limit they merge into one change of the whole keyspace, and none is lost.
/// </remarks>
internal sealed class DeferredChanges(ISharedTier tier, Surroundings surroundings, CacheListener listener, CancellationToken lifetime)
{
    // Past this, invalidating everything costs less than remembering what.
    public const int ChangesMax = 10_000;

    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(100);

    // As rarely as a heartbeat: until a change is told, others who can reach the shared tier go on with what it changed.
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<PartitionId, Waiting> _waiting = [];
    private readonly TaskCompletionSource<bool> _hurry = surroundings.NewCompletion<bool>();

    // Lets reads skip the lock in the ordinary case that nothing waits.
    private volatile bool _any;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Values.Sum(waiting => waiting.Changes.Count);
            }
        }
    }

    /// <summary>Whether a waiting change may concern this key. A waiting scope may concern every key of its partition.</summary>
    public bool Covers(SharedKey key)
    {
        if (!_any)
        {
            return false;
        }

        lock (_gate)
        {
            return _waiting.TryGetValue(key.Partition, out var waiting) && (waiting.CoversAll || waiting.Keys.Contains(key.Text));
        }
    }

    /// <returns>Completes when everything that waits for the partition has been told.</returns>
    public Task<bool> Add(PartitionId partition, IReadOnlyList<Change> changes, Exception failure)
    {
        int count;
        Task<bool> told;
        bool begins;
        lock (_gate)
        {
            begins = !_waiting.TryGetValue(partition, out var waiting);
            if (waiting is null)
            {
                _waiting[partition] = waiting = new Waiting(surroundings.NewCompletion<bool>());
            }

            waiting.Add(changes);
            count = waiting.Changes.Count;
            told = waiting.Told.Task;
            _any = true;
        }

        listener.On(new ChangeDeferred(partition, count, failure));
        if (begins)
        {
            surroundings.RunAside(() => TellAsync(partition));
        }

        return told;
    }

    /// <summary>Tries all that waits at once and often from now on, because the program ends and whatever is not told dies with it. Returns when it has been told, or nobody waits any longer.</summary>
    public async Task FarewellAsync(CancellationToken cancellationToken)
    {
        Task<bool>[] told;
        lock (_gate)
        {
            told = [.. _waiting.Values.Select(waiting => waiting.Told.Task)];
        }

        _hurry.TrySetResult(true);
        try
        {
            foreach (var one in told)
            {
                await surroundings.WaitAsync(one, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // What is lost is over with its time to live, or with the next change of its key.
        }
    }

    private async Task TellAsync(PartitionId partition)
    {
        var pause = RetryFirst;
        while (!lifetime.IsCancellationRequested)
        {
            try
            {
                await PauseAsync(pause * (0.5 + surroundings.NextDouble())).ConfigureAwait(false);
                var (batch, merges) = Peek(partition);
                await tier.ChangeAsync(partition, batch, lifetime).ConfigureAwait(false);
                if (Remove(partition, batch.Length, merges))
                {
                    listener.On(new ChangeDeferred(partition, 0, null));
                    return;
                }

                pause = RetryFirst;
            }
            catch (SharedTierException failure)
            {
                listener.On(new SharedTierFailed(partition.Keyspace, "change again", failure));
                pause = pause * 2 < RetryMax ? pause * 2 : RetryMax;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        if (_hurry.Task.IsCompleted)
        {
            await surroundings.Delay(pause < RetryFirst ? pause : RetryFirst, lifetime).ConfigureAwait(false);
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime);
        await Task.WhenAny(surroundings.Delay(pause, stop.Token), surroundings.Fork(_hurry.Task)).ConfigureAwait(false);
        stop.Cancel();
        lifetime.ThrowIfCancellationRequested();
    }

    private (Change[] Batch, int Merges) Peek(PartitionId partition)
    {
        lock (_gate)
        {
            var waiting = _waiting[partition];
            return ([.. waiting.Changes], waiting.Merges);
        }
    }

    private bool Remove(PartitionId partition, int count, int merges)
    {
        Waiting? waiting;
        lock (_gate)
        {
            waiting = _waiting[partition];
            if (waiting.Merges == merges)
            {
                waiting.RemoveFirst(count);
            }

            if (waiting.Changes.Count > 0)
            {
                return false;
            }

            _waiting.Remove(partition);
            _any = _waiting.Count > 0;
        }

        waiting.Told.TrySetResult(true);
        return true;
    }

    private sealed class Waiting(TaskCompletionSource<bool> told)
    {
        public TaskCompletionSource<bool> Told { get; } = told;

        public List<Change> Changes { get; } = [];

        public HashSet<string> Keys { get; } = [];

        public bool CoversAll { get; private set; }

        /// <summary>How often the list was merged; what was on its way before a merge is not what is on the list after it.</summary>
        public int Merges { get; private set; }

        public void Add(IReadOnlyList<Change> changes)
        {
            Changes.AddRange(changes);
            if (Changes.Count > ChangesMax)
            {
                Changes.Clear();
                Changes.Add(Change.OfKeyspace());
                Merges++;
            }

            Recount();
        }

        public void RemoveFirst(int count)
        {
            Changes.RemoveRange(0, Math.Min(count, Changes.Count));
            Recount();
        }

        private void Recount()
        {
            Keys.Clear();
            Keys.UnionWith(Changes.Where(change => change.Kind == ChangeKind.Key).Select(change => change.Name));
            CoversAll = Changes.Any(change => change.Kind != ChangeKind.Key);
        }
    }
}
