using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;

namespace Millpond.Sim.Oracles;

/// <summary>
/// Sees what the engine is asked and answers, at the instant it does, and keeps the record that the oracles judge by. It also keeps leases of its own
/// account: a load lease granted while another lives breaks I5.
/// </summary>
internal sealed class Witness(Catalogue catalogue, Agenda agenda, History history)
{
    private readonly Dictionary<Item, (Nonce Nonce, long Until, LeasePurpose Purpose)> _leases = [];

    /// <summary>The first thing found wrong; thrown by whoever runs the simulation, as a throw here would only fail somebody's request.</summary>
    public BrokenOracle? Finding { get; private set; }

    public long LeasesGranted { get; private set; }

    public void Granted(SharedKey key, in LeaseAsk ask)
    {
        if (catalogue.Find(key.Partition, key.Text) is not { } item)
            return;
        LeasesGranted++;
        if (ask.Purpose == LeasePurpose.Load && _leases.TryGetValue(item, out var held) && held.Until > agenda.Now)
            Finding ??= new BrokenOracle("I5", item, $"a second lease to load {item} was granted while the first still lived.");
        _leases[item] = (ask.Nonce, agenda.Now + ask.Time.Ticks, ask.Purpose);
        history.Note(agenda.Now, What.EngineGranted, -1, item, ask.Purpose == LeasePurpose.Write ? 1 : 0);
    }

    public void Filled(in Fill fill, FillOutcome outcome)
    {
        if (catalogue.Find(fill.Key.Partition, fill.Key.Text) is not { } item)
            return;
        var mark = fill.Record.Payload.IsEmpty ? 0 : RowCodec.Only.Decode(fill.Record.Payload).Mark;
        history.Note(agenda.Now, outcome == FillOutcome.Stored ? What.EngineFilled : What.EngineRefusedFill, -1, item, mark);
        if (outcome != FillOutcome.Stored)
            return;
        if (_leases.TryGetValue(item, out var held) && held.Nonce == fill.Nonce && held.Purpose == LeasePurpose.Write)
        {
            var committed = item.History.Find(mark);
            if (committed < 0)
                Finding ??= new BrokenOracle("I7", item, $"what was stored under a write lease of {item} was no commit: a load's fill passed for the writer's.");
            else
                item.Changes.Apply(agenda.Now, item.History[committed].At);
        }

        _leases.Remove(item);
    }

    public void Put(SharedKey key, SharedRecord record)
    {
        if (catalogue.Find(key.Partition, key.Text) is not { } item)
            return;
        item.History.Add(agenda.Now, RowCodec.Only.Decode(record.Payload));
        Change(item);
    }

    public void Released(SharedKey key, Nonce nonce)
    {
        if (catalogue.Find(key.Partition, key.Text) is { } item && _leases.TryGetValue(item, out var held) && held.Nonce == nonce)
            _leases.Remove(item);
    }

    public void Changed(PartitionId partition, IReadOnlyList<Change> changes)
    {
        foreach (var change in changes)
        {
            if (change.Kind == ChangeKind.Keyspace)
                Apply(partition, catalogue.FindScopes(partition).Keyspace);
            else if (change.Kind == ChangeKind.Scope)
                Apply(partition, catalogue.FindScope(partition, change.Name));
            else if (catalogue.Find(partition, change.Name) is { } item)
                ChangeKey(item);
        }
    }

    /// <summary>Leases died with the old life. Where the engine itself is the source of truth, what it came back with is the truth now.</summary>
    public void Restarted(InProcessSharedTier tier, bool isEmpty)
    {
        _leases.Clear();
        history.Note(agenda.Now, isEmpty ? What.EngineRestartedEmpty : What.EngineRestartedOld, -1, null);
        foreach (var item in catalogue.All.Where(item => !item.Space.HasLoader))
        {
            var key = new SharedKey(new PartitionId(Catalogue.FullName(item.Space), 0), item.Text);
            var record = isEmpty ? null : tier.ReadAsync(key, null, default).Result.Record;
            item.History.Add(agenda.Now, record is null ? null : RowCodec.Only.Decode(record.Payload));
        }
    }

    public void Evicted(Item item)
    {
        _leases.Remove(item);
        history.Note(agenda.Now, What.Evicted, -1, item);
    }

    private void ChangeKey(Item item)
    {
        if (!item.Space.HasLoader)
            item.History.Add(agenda.Now, null);
        Change(item);
    }

    private void Change(Item item)
    {
        _leases.Remove(item);
        item.Changes.Apply(agenda.Now, agenda.Now);
        history.Note(agenda.Now, What.EngineChanged, -1, item);
    }

    private void Apply(PartitionId partition, Fact? fact)
    {
        fact?.Apply(agenda.Now, agenda.Now);
        history.Note(agenda.Now, What.EngineChangedScope, -1, null, 0, catalogue.SpaceOf(partition).Number);
    }
}
