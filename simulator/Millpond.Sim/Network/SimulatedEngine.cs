using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Network;

/// <summary>
/// The engine's side of the network: one in-process tier that holds values, and a witness of everything it does. The witness writes down when each change
/// was applied, from what was asked and answered and not from what the engine pushed, so that an engine that forgets to push is found out.
/// </summary>
internal class SimulatedEngine : IServer
{
    private readonly Witness _witness;
    private InProcessSnapshot? _snapshot;

    public SimulatedEngine(Surroundings surroundings, InProcessRules? rules, Witness witness)
    {
        _witness = witness;
        // Few floors and a short log, so that merged floors and gaps past the log happen all the time.
        var options = new InProcessSharedTierOptions { PayloadBytesMax = 1 << 20, FloorsMax = 4, ChangeLogMax = 32 };
        Tier = new InProcessSharedTier(options, surroundings, rules);
    }

    public InProcessSharedTier Tier { get; }

    public bool IsDown { get; set; }

    /// <summary>How many times as long as usual each operation takes.</summary>
    public int Slowness { get; set; } = 1;

    public virtual ReadReply Read(SharedKey key, LeaseAsk? ask)
    {
        var reply = Tier.ReadAsync(key, ask, default).Result;
        if (reply.Lease == LeaseOutcome.Granted)
            _witness.Granted(key, ask!.Value);
        return reply;
    }

    public IReadOnlyList<ReadReply> ReadMany(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks) =>
        [.. keys.Select((key, index) => Read(key, asks.Count == 0 ? null : asks[index]))];

    public virtual LeaseReply Acquire(SharedKey key, LeaseAsk ask)
    {
        var reply = Tier.AcquireAsync(key, ask, default).Result;
        if (reply.Outcome == LeaseOutcome.Granted)
            _witness.Granted(key, ask);
        return reply;
    }

    public virtual FillReply Fill(Fill fill)
    {
        var reply = Tier.FillAsync(fill, default).Result;
        _witness.Filled(fill, reply.Outcome);
        return reply;
    }

    public IReadOnlyList<FillReply> FillMany(IReadOnlyList<Fill> fills) => [.. fills.Select(Fill)];

    public ChangeReply Put(SharedKey key, SharedRecord record)
    {
        var reply = Tier.PutAsync(key, record, default).Result;
        _witness.Put(key, record);
        return reply;
    }

    public virtual bool Release(SharedKey key, Nonce nonce)
    {
        _witness.Released(key, nonce);
        return Tier.ReleaseAsync(key, nonce, default).IsCompletedSuccessfully;
    }

    public virtual ChangeReply Change(PartitionId partition, IReadOnlyList<Change> changes)
    {
        var reply = Tier.ChangeAsync(partition, changes, default).Result;
        _witness.Changed(partition, changes);
        return reply;
    }

    public virtual ControlReply ReadControl(PartitionId partition, long since, Incarnation incarnation) =>
        Tier.ReadControlAsync(partition, since, incarnation, default).Result;

    public CounterReply Count(SharedKey key, CounterAsk ask) => Tier.CountAsync(key, ask, default).Result;

    public void TakeSnapshot() => _snapshot = Tier.Snapshot();

    public void RestartEmpty()
    {
        IsDown = false;
        OnRestart();
        Tier.RestartEmpty();
        _witness.Restarted(Tier, isEmpty: true);
    }

    /// <summary>Comes back with what it had at the last snapshot; empty if there was none.</summary>
    public void RestartOld()
    {
        IsDown = false;
        OnRestart();
        if (_snapshot is null)
            Tier.RestartEmpty();
        else
            Tier.RestartFrom(_snapshot);
        _witness.Restarted(Tier, isEmpty: _snapshot is null);
    }

    protected virtual void OnRestart()
    {
    }

    public void Evict(Item item)
    {
        if (Tier.Evict(new SharedKey(new PartitionId(Catalogue.FullName(item.Space), 0), item.Text)))
            _witness.Evicted(item);
    }
}
