using Millpond.Journals;
using Millpond.Sim.Behind.Journals;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Faults;
using Millpond.Sim.Network;
using Millpond.Sim.Oracles;
using Millpond.Sim.Processes;
using Millpond.Sim.Running;

namespace Millpond.Sim.Behind.Fleet;

/// <summary>A machine of the fleet: one process after another runs on it, and what its disk has stays.</summary>
internal sealed class BehindNode : INode
{
    private readonly BehindWorld _world;
    private readonly Action<BehindNode> _onStart;
    private readonly Dice _dice;
    private List<StoreWire> _wires = [];
    private readonly List<BehindProcess> _buried = [];
    private FaultKind _faults;
    private int _lives;

    public BehindNode(int number, BehindWorld world, Action<BehindNode> onStart)
    {
        (Number, _world, _onStart, _faults) = (number, world, onStart, world.Options.Faults);
        _dice = world.DiceOf(10 + number);
        Process = Make();
    }

    public int Number { get; }

    public BehindProcess Process { get; private set; }

    public Gate Gate => Process.Gate;

    public Link Link => Process.Link;

    public LinkedTier Tier => Process.Tier;

    public Signals Signals => Process.Signals;

    public bool IsDown => Gate.IsDead;

    public int Deaths { get; private set; }

    public int Stops { get; private set; }

    public IKeyspace<int, Row> Of(Space space, int tenant) => Process.Of(space);

    public IKeyspace<int, Row> Of(Item item) => Process.Of(item.Space);

    public void Start()
    {
        if (IsDown)
        {
            _buried.Add(Process);
            Process = Make();
        }

        _world.History.Note(_world.Agenda.Now, What.Started, Number, null);
        Process.Gate.Deliver(() => _ = Process.StartAsync());
        _onStart(this);
    }

    /// <summary>Ends the process as kill -9 does; another one is started a little later.</summary>
    public void Kill()
    {
        if (IsDown)
            return;
        Deaths++;
        _world.History.Note(_world.Agenda.Now, What.Killed, Number, null);
        End();
    }

    /// <summary>Ends the process as a deployment does: it flushes for as long as it may, and is told to go then.</summary>
    public async Task StopAsync()
    {
        var process = Process;
        if (IsDown || process.IsStopping)
            return;
        Stops++;
        process.IsStopping = true;
        _world.History.Note(_world.Agenda.Now, What.Stopped, Number, null);
        await process.StopAsync().ConfigureAwait(false);
        if (Process == process && !IsDown)
            End();
    }

    /// <summary>The simulation is over.</summary>
    public void Bury() => _buried.Append(Process).ToList().ForEach(process => process.Bury());

    public void EndFaults()
    {
        _faults = FaultKind.None;
        foreach (var wire in _wires)
            wire.EndFaults();
    }

    private void End()
    {
        Process.Gate.Die();
        foreach (var journal in _world.Journals)
            journal.Free(Process.Life);
        // Whoever comes next was promised nothing.
        foreach (var item in _world.Catalogue.All)
            item.Changes.Forget(Number);
        _world.Agenda.After(_faults == FaultKind.None ? 0 : _dice.Between(50, 2_000) * TimeSpan.TicksPerMillisecond, Start);
    }

    private BehindProcess Make()
    {
        var (life, gate) = (new Life(Number, ++_lives), new Gate());
        var surroundings = new ProcessSurroundings(_world.Surroundings, gate, null);
        var link = new Link(Number, _world.Engine, gate, surroundings, _world.Agenda, _dice, _faults, _world.History);
        _wires = [];
        var stores = new BehindStores(life, _world, surroundings, gate, journal => ToJournal(journal, gate, surroundings), ToDatabase(gate, surroundings));
        return new BehindProcess(life, gate, link, new LinkedTier(link, Simulation.Heartbeat), surroundings, _world.Mutant.Rules(), stores);
    }

    private StoreWire ToJournal(JournalServer journal, Gate gate, ProcessSurroundings surroundings) => Kept(new(Number, journal, gate, surroundings, _world.Agenda, _dice, _faults, _world.History)
    {
        Kill = Kill,
        IsLocal = !_world.SharedJournals.Contains(journal),
        Failure = isCertain => new JournalException(isCertain ? JournalFailure.Refused : _world.Mutant.Journal.Unanswered, isCertain ? "The simulated journal refused the connection." : "The simulated journal did not answer in time."),
    });

    private StoreWire ToDatabase(Gate gate, ProcessSurroundings surroundings) => Kept(new(Number, _world.Database, gate, surroundings, _world.Agenda, _dice, _faults, _world.History)
    {
        Kill = Kill,
        MayStick = true,
        Patience = TimeSpan.FromSeconds(1),
        Failure = isCertain => new IOException(isCertain ? "The simulated database refused the connection." : "The simulated database did not answer in time."),
    });

    private StoreWire Kept(StoreWire wire)
    {
        _wires.Add(wire);
        return wire;
    }
}
