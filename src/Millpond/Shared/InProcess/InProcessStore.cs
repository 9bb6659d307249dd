using Millpond.Runtime;

namespace Millpond.Shared.InProcess;

/// <summary>
/// What a partition knows and how each operation changes it: the reference of the contract, free of locks and waiting. The decisions are
/// asked of <see cref="InProcessRules"/>. Not safe for concurrent use; <see cref="InProcessPartition"/> calls it under its lock, then delivers what
/// was posted and wakes who waited without it.
/// </summary>
internal sealed class InProcessStore
{
    private readonly Surroundings _surroundings;
    private readonly InProcessRules _rules;
    private readonly InProcessSharedTierOptions _options;
    private readonly Ledger _ledger;
    private readonly LeaseWaits _waits;
    private readonly PushOutbox _outbox;
    private RecordTable _records;
    private ControlRecord _control;
    private Counters _counters = new();

    public InProcessStore(
        InProcessSharedTierOptions options, InProcessRules rules, Surroundings surroundings, Ledger ledger, LeaseWaits waits, PushOutbox outbox)
    {
        (_options, _rules, _surroundings, _ledger, _waits, _outbox) = (options, rules, surroundings, ledger, waits, outbox);
        _records = new RecordTable(ledger);
        _control = new ControlRecord(InProcessRules.Draw(surroundings), options);
    }

    public int RecordCount => _records.Count;

    public int CounterCount => _counters.Count;

    private long Now => _surroundings.Now;

    public ReadReply Read(string key, LeaseAsk? ask)
    {
        long now = Now;
        StoredRecord? record = _records.Find(key, now);
        if (record?.Value is not null)
            return record.Read(now, _control.State);
        LeaseOutcome lease = LeaseOutcome.None;
        if (ask is { } wish)
            lease = record is { IsLeased: true } && record.Lease != wish.Nonce ? LeaseOutcome.Held : Grant(key, wish, now);
        return new ReadReply { Lease = lease, State = _control.State };
    }

    public LeaseReply Acquire(string key, in LeaseAsk ask)
    {
        long now = Now;
        StoredRecord? record = _records.Find(key, now);
        if (ask.Purpose == LeasePurpose.Extend)
            return new LeaseReply(Extend(record, key, ask, now), _control.State);

        bool isHeld = record is { IsLeased: true } && record.Lease != ask.Nonce;
        LeaseOutcome outcome = _rules.MayGrant(isHeld, ask.Purpose) ? Grant(key, ask, now) : LeaseOutcome.Held;
        return new LeaseReply(outcome, _control.State);
    }

    /// <param name="key">The key.</param>
    /// <param name="nonce">The lease.</param>
    /// <param name="loadedIn">The incarnation of the load's stamp.</param>
    /// <param name="value">The value; null where the tier holds none.</param>
    /// <param name="sinceGrant">As the contract's <see cref="Millpond.Shared.Fill"/> has it.</param>
    public FillReply Fill(string key, Nonce nonce, Incarnation loadedIn, StoredValue? value, TimeSpan sinceGrant)
    {
        long now = Now;
        StoredRecord? record = _records.Find(key, now);
        FillOutcome outcome = _rules.JudgeFill(record?.Lease ?? Nonce.None, nonce, loadedIn, _control.Incarnation);
        if (outcome == FillOutcome.Stored)
        {
            if (_rules.IsChange(record?.Purpose ?? LeasePurpose.Load))
                Number(Change.OfKey(key));
            if (value is not null)
                RecordFormat.MarkFilledUnder(value.Bytes, nonce);
            Store(record ?? _records.FindOrAdd(key, now), value, record?.OnTheWay(sinceGrant, now) ?? TimeSpan.Zero, now);
        }

        return new FillReply(outcome, _control.State);
    }

    public ChangeReply Put(string key, StoredValue? value)
    {
        long now = Now;
        Number(Change.OfKey(key));
        if (value is not null)
            RecordFormat.Restamp(value.Bytes, _control.State.Sequence, _control.Incarnation);
        Store(_records.FindOrAdd(key, now), value, TimeSpan.Zero, now);
        return new ChangeReply(_control.State);
    }

    public void Release(string key, Nonce nonce)
    {
        if (_records.Find(key, Now) is not { } record || !_rules.MayRelease(record.Lease, nonce))
            return;
        EndLease(record);
        RemoveIfEmpty(record);
    }

    public ChangeReply Apply(IReadOnlyList<Change> changes)
    {
        foreach (Change change in changes)
        {
            if (change.Kind == ChangeKind.Key)
                Invalidate(change);
            Number(change);
        }

        return new ChangeReply(_control.State);
    }

    public ControlReply ReadControl(long since, Incarnation incarnation) => _control.Reply(since, incarnation);

    public CounterReply? Count(string key, in CounterAsk ask) => _counters.Add(key, ask, Now);

    /// <summary>How long the lease of a key lives if nobody ends it; null if there is none.</summary>
    public TimeSpan? LeaseLeft(string key)
    {
        long now = Now;
        return _records.Find(key, now) is { IsLeased: true } record ? record.LeaseLeft(now) : null;
    }

    /// <summary>Takes a record away as if memory had run out: all of it, by rule 1. False if that freed nothing.</summary>
    public bool Evict(string key) => Evict(_records.Find(key, Now));

    public bool EvictOne() => Evict(_records.Sample(_surroundings));

    public PartitionSnapshot Snapshot() =>
        new([.. _records.All.Select(r => r.Clone(PartitionSnapshot.Weightless))], _control.Clone(), _counters.Clone());

    /// <summary>Begins another life, empty or as it was when <paramref name="from"/> was taken.</summary>
    public void Restart(PartitionSnapshot? from)
    {
        Incarnation next = _rules.AfterRestart(_control.Incarnation, _surroundings);
        _ledger.Add(-_ledger.Bytes);
        _records = new RecordTable(_ledger);
        foreach (StoredRecord kept in from?.Records ?? [])
        {
            StoredRecord record = kept.Clone(_ledger);
            // A lease of another life can fill nothing; left in place it would only keep others from loading.
            if (from!.Control.Incarnation != next)
                record.EndLease();
            _records.Add(record);
        }

        _control = from is null ? new ControlRecord(next, _options) : from.Control.Reborn(next);
        _counters = from?.Counters.Clone() ?? new Counters();
        _waits.EndAll();
        _outbox.PostBroken("The tier restarted.");
    }

    private LeaseOutcome Grant(string key, in LeaseAsk ask, long now)
    {
        StoredRecord record = _records.FindOrAdd(key, now);
        LeaseOutcome outcome = record.IsLeased && record.Lease == ask.Nonce ? LeaseOutcome.Renewed : LeaseOutcome.Granted;
        record.BeginLease(ask, now);
        return outcome;
    }

    private LeaseOutcome Extend(StoredRecord? record, string key, in LeaseAsk ask, long now)
    {
        LeaseOutcome outcome = _rules.JudgeExtension(record?.Lease ?? Nonce.None, ask.Nonce);
        if (outcome == LeaseOutcome.Renewed)
            record!.ExtendLease(ask, now);
        // No sound rule grants.
        return outcome == LeaseOutcome.Granted ? Grant(key, ask, now) : outcome;
    }

    private void Store(StoredRecord record, StoredValue? value, TimeSpan onTheWay, long now)
    {
        EndLease(record);
        // What alone is heavier than the limit would push out everything else first and then itself.
        if (value is not null && StoredRecord.WeightOf(record.Key, value) <= _options.PayloadBytesMax)
            record.Store(value, onTheWay, now);
        else
            record.DropValue();
        RemoveIfEmpty(record);
    }

    private void Invalidate(in Change change)
    {
        long now = Now;
        if (_records.Find(change.Name, now) is not { } record)
            return;
        record.Invalidate(_rules.Fate(change), now);
        if (_rules.EndsLease(change))
            EndLease(record);
        RemoveIfEmpty(record);
    }

    private void Number(in Change change) => _outbox.Post(_control.Incarnation, _control.Apply(change));

    private bool Evict(StoredRecord? record)
    {
        if (record is null)
            return false;
        long before = _ledger.Bytes;
        record.DropValue();
        if (_rules.EvictsLeaseToo())
            EndLease(record);
        RemoveIfEmpty(record);
        return _ledger.Bytes < before;
    }

    private void EndLease(StoredRecord record)
    {
        record.EndLease();
        _waits.End(record.Key);
    }

    private void RemoveIfEmpty(StoredRecord record)
    {
        if (record.IsEmpty)
            _records.Remove(record);
    }
}
