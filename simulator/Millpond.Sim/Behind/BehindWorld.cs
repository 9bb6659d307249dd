using Millpond.Journals;
using Millpond.Sim.Behind.Fleet;
using Millpond.Sim.Behind.Journals;
using Millpond.Sim.Behind.Oracles;
using Millpond.Sim.Behind.Sinks;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Mutants;
using Millpond.Sim.Network;
using Millpond.Sim.Oracles;
using Millpond.Sim.Running;
using Millpond.Testing.Time;

namespace Millpond.Sim.Behind;

/// <summary>Everything outside the processes: time, the shared tier's engine, the journals, the database, the books.</summary>
internal sealed class BehindWorld
{
    private readonly Dictionary<string, JournalServer> _journals = [];

    public BehindWorld(SimulationOptions options, Mutant mutant)
    {
        (Options, Mutant) = (options, mutant);
        Surroundings = new SimulatedSurroundings(options.Seed);
        Agenda = new Agenda(Surroundings.Clock);
        Catalogue = new Catalogue(BehindSpaces.All, options.Processes);
        foreach (var item in Catalogue.Of(BehindSpaces.Notes))
            (item.Owner, item.Elsewhere) = (item.Key % options.Processes, new SourceHistory(item.History));
        Witness = new Witness(Catalogue, Agenda, History);
        Engine = mutant.Engine(Surroundings, Witness);
        Accounts = new Accounts(Agenda, History);
        Database = new SinkDatabase(Catalogue, Accounts, mutant.Sink, Agenda, DiceOf(1), History) { Deadlocks = Options.Faults.HasFlag(Faults.FaultKind.Database) };
        Loads = new RowLoads(Database, Agenda, DiceOf(2), options.Faults, History);
        Oracle = new ReadOracle(Agenda, Simulation.Heartbeat);
        foreach (var name in BehindSpaces.Names)
        {
            for (var node = 0; node < (IsOnDisk(name) ? options.Processes : 1); node++)
                Open(name, IsOnDisk(name) ? $"{name}-{node}" : name);
        }
    }

    public SimulationOptions Options { get; }

    public Mutant Mutant { get; }

    public SimulatedSurroundings Surroundings { get; }

    public Agenda Agenda { get; }

    public History History { get; } = new();

    public Catalogue Catalogue { get; }

    public Witness Witness { get; }

    public SimulatedEngine Engine { get; }

    public Accounts Accounts { get; }

    public SinkDatabase Database { get; }

    public RowLoads Loads { get; }

    public ReadOracle Oracle { get; }

    public IReadOnlyCollection<JournalServer> Journals => _journals.Values;

    /// <summary>The servers that all processes ask.</summary>
    public IEnumerable<JournalServer> SharedJournals => _journals.Values.Where(journal => BehindSpaces.Names.Contains(journal.Name));

    /// <summary>Every other run's shared journals declare no more than that a process may die, and so may come back as an older copy.</summary>
    public bool JournalsMayFallBack => (Options.Seed & 1) != 0;

    public bool IsOnDisk(string name) => name is "notes" or "likes";

    public JournalSurvival Survives(string name) => JournalsMayFallBack && !IsOnDisk(name) ? JournalSurvival.ProcessDeath : JournalSurvival.ProcessDeath | JournalSurvival.PowerLoss;

    public JournalServer JournalOf(string name, int node) => _journals[IsOnDisk(name) ? $"{name}-{node}" : name];

    public Dice DiceOf(int stream) => new(unchecked((Options.Seed * 1_000_003) + stream));

    private void Open(string name, string full)
    {
        var account = Accounts.Open(full);
        var journal = _journals[full] = new JournalServer(full, account, Mutant.Journal, Agenda);
        if (BehindSpaces.All.FirstOrDefault(space => space.Name == name) is { } space)
            account.States = new StateWatch(Catalogue, space, journal, Database, Agenda);
    }
}
