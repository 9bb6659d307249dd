using Millpond.Runtime;

namespace Millpond.Shared.InProcess;

/// <summary>
/// One partition: a store under one lock. Each operation is one step under that lock, then the messages and wakings that follow from it,
/// without it: sinks first, so that a waiter who reads again finds its own process already told.
/// </summary>
internal sealed class InProcessPartition
{
    /// <summary>A wait may end early for no reason, so a longer patience costs one more read a day and spares timers their limit.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly Surroundings _surroundings;
    private readonly Ledger _ledger;
    private readonly LeaseWaits _waits = new();
    private readonly PushOutbox _outbox;
    private readonly InProcessStore _store;

    public InProcessPartition(
        PartitionId id, InProcessSharedTierOptions options, InProcessRules rules, Surroundings surroundings, Budget budget)
    {
        _surroundings = surroundings;
        _ledger = new Ledger(budget);
        _outbox = new PushOutbox(id);
        _store = new InProcessStore(options, rules, surroundings, _ledger, _waits, _outbox);
    }

    public long Bytes => _ledger.Bytes;

    public int RecordCount
    {
        get
        {
            lock (_gate)
                return _store.RecordCount;
        }
    }

    public int CounterCount
    {
        get
        {
            lock (_gate)
                return _store.CounterCount;
        }
    }

    public ReadReply Read(string key, LeaseAsk? ask)
    {
        lock (_gate)
            return _store.Read(key, ask);
    }

    public LeaseReply Acquire(string key, in LeaseAsk ask)
    {
        lock (_gate)
            return _store.Acquire(key, ask);
    }

    public FillReply Fill(string key, Nonce nonce, Incarnation loadedIn, StoredValue? value, TimeSpan sinceGrant)
    {
        FillReply reply;
        lock (_gate)
            reply = _store.Fill(key, nonce, loadedIn, value, sinceGrant);
        Finish();
        return reply;
    }

    public ChangeReply Put(string key, StoredValue? value)
    {
        ChangeReply reply;
        lock (_gate)
            reply = _store.Put(key, value);
        Finish();
        return reply;
    }

    public void Release(string key, Nonce nonce)
    {
        lock (_gate)
            _store.Release(key, nonce);
        Finish();
    }

    public ChangeReply Apply(IReadOnlyList<Change> changes)
    {
        ChangeReply reply;
        lock (_gate)
            reply = _store.Apply(changes);
        Finish();
        return reply;
    }

    public ControlReply ReadControl(long since, Incarnation incarnation)
    {
        lock (_gate)
            return _store.ReadControl(since, incarnation);
    }

    public CounterReply? Count(string key, in CounterAsk ask)
    {
        lock (_gate)
            return _store.Count(key, ask);
    }

    public IAsyncDisposable Subscribe(IPushSink sink)
    {
        // Under the lock, so that "from now on" means the same in the sequence and in the outbox.
        lock (_gate)
            return _outbox.Subscribe(sink);
    }

    public async ValueTask WaitAsync(string key, TimeSpan patience, CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool> wait;
        lock (_gate)
        {
            if (_store.LeaseLeft(key) is not { } left)
                return;
            // A lease that dies of its time wakes nobody, so the wait knows that time. Timers of the platform may fire a millisecond early.
            TimeSpan dies = left < WaitMax ? left + TimeSpan.FromMilliseconds(1) : WaitMax;
            patience = dies < patience ? dies : patience;
            wait = _surroundings.NewCompletion<bool>();
            _waits.Add(key, wait);
        }

        try
        {
            using ITimer timer = _surroundings.Time.CreateTimer(End, wait, patience, Timeout.InfiniteTimeSpan);
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(End, wait);
            await wait.Task.ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _waits.Remove(key, wait);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    public bool Evict(string key)
    {
        bool isGone;
        lock (_gate)
            isGone = _store.Evict(key);
        Finish();
        return isGone;
    }

    public bool EvictOne()
    {
        bool isGone;
        lock (_gate)
            isGone = _store.EvictOne();
        Finish();
        return isGone;
    }

    public PartitionSnapshot Snapshot()
    {
        lock (_gate)
            return _store.Snapshot();
    }

    public void Restart(PartitionSnapshot? from)
    {
        lock (_gate)
            _store.Restart(from);
        Finish();
    }

    private void Finish()
    {
        _outbox.Deliver();
        // Without the lock: what this thread's own step ended it sees, and what another's did that one takes.
        if (!_waits.HasEnded)
            return;
        List<TaskCompletionSource<bool>> ended;
        lock (_gate)
            ended = _waits.TakeEnded();
        foreach (TaskCompletionSource<bool> wait in ended)
            End(wait);
    }

    private static void End(object? wait) => ((TaskCompletionSource<bool>)wait!).TrySetResult(true);
}
