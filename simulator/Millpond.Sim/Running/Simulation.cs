using Millpond.Policies;
using Millpond.Shared.InProcess;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Faults;
using Millpond.Sim.Mutants;
using Millpond.Sim.Network;
using Millpond.Sim.Operations;
using Millpond.Sim.Oracles;
using Millpond.Sim.Processes;
using Millpond.Testing.Time;

namespace Millpond.Sim.Running;

/// <summary>
/// One run: builds the world from a seed, lets the clients operate while things break, heals everything, waits, and looks whether all is well at rest.
/// </summary>
internal sealed class Simulation
{
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    /// <summary>No operation takes longer than its waits allow, but for the time its process is frozen.</summary>
    private const long StuckTicks = 120 * TimeSpan.TicksPerSecond;

    private const long PauseTicks = 20 * TimeSpan.TicksPerMillisecond;

    private readonly SimulationOptions _options;
    private readonly SimulatedSurroundings _surroundings;
    private readonly Agenda _agenda;
    private readonly History _history = new();
    private readonly Catalogue _catalogue;
    private readonly Witness _witness;
    private readonly SimulatedEngine _engine;
    private readonly SimulatedSource _source;
    private readonly ReadOracle _oracle;
    private readonly SimulatedProcess[] _processes;
    private readonly Client[] _clients;
    private readonly FaultPlan _faults;
    private readonly SourceTrouble _trouble;
    private readonly TaskCompletionSource _clientsEnded = new();
    private long _begun;
    private int _ended;

    private Simulation(SimulationOptions options, Mutant mutant)
    {
        _options = options;
        _surroundings = new SimulatedSurroundings(options.Seed);
        _agenda = new Agenda(_surroundings.Clock);
        _catalogue = new Catalogue(Space.All, options.Processes);
        _witness = new Witness(_catalogue, _agenda, _history);
        _engine = mutant.Engine(_surroundings, _witness);
        _source = new SimulatedSource(_agenda, DiceOf(1), options.Faults, _history);
        _oracle = new ReadOracle(_agenda, Heartbeat);
        _processes = [.. Enumerable.Range(0, options.Processes).Select(number => MakeProcess(number, mutant))];
        _clients = [.. _processes.SelectMany(process => Enumerable.Range(0, options.ClientsPerProcess).Select(number => MakeClient(process, number)))];
        _faults = new FaultPlan(options.Faults, _engine, _processes, _catalogue.All, _agenda, DiceOf(2), _history, PeekEverywhere);
        _trouble = new SourceTrouble(options.Faults, _source, _agenda, DiceOf(3));
    }

    public static Verdict Run(SimulationOptions options, Mutant? mutant = null)
    {
        mutant ??= Mutant.None;
        if (options.WritesBehind || mutant.IsOfWriteBehind)
            return Behind.BehindSimulation.Run(options with { WritesBehind = true }, mutant);
        var simulation = new Simulation(options, mutant);
        var verdict = simulation.Sum(Judged.Run(simulation._surroundings, simulation.RunAsync));
        foreach (var process in simulation._processes)
            process.Bury();
        return verdict;
    }

    private async Task RunAsync()
    {
        _faults.Begin();
        _trouble.Begin();
        Watch();
        foreach (var (number, client) in _clients.Index())
            _ = OperateAsync(client, number);
        await _clientsEnded.Task.ConfigureAwait(false);
        _faults.End();
        _trouble.End();
        _source.EndFaults();
        await new RestOracle(_processes, _catalogue, _agenda, _history, _oracle, PauseAsync).JudgeAsync().ConfigureAwait(false);
        ThrowFindings();
    }

    private async Task OperateAsync(Client client, int number)
    {
        var dice = DiceOf(1_000 + number);
        try
        {
            while (_begun < _options.Operations)
            {
                _begun++;
                await client.OperateAsync(_agenda.Now).ConfigureAwait(false);
                ThrowFindings();
                await PauseAsync(client.Process, dice.Around(PauseTicks)).ConfigureAwait(false);
            }

            if (++_ended == _clients.Length)
                _clientsEnded.TrySetResult();
        }
        catch (Exception failure)
        {
            _begun = _options.Operations;
            _clientsEnded.TrySetException(failure);
        }
    }

    private Task PauseAsync(INode? process, long ticks)
    {
        var over = new TaskCompletionSource();
        _agenda.After(ticks, () =>
        {
            if (process is null)
                over.SetResult();
            else
                process.Gate.Deliver(over.SetResult);
        });
        return over.Task;
    }

    private void PeekEverywhere(INode process)
    {
        var reads = _clients.First(client => client.Process == process).Reads;
        foreach (var item in _catalogue.All)
            reads.Peek(item);
    }

    private void ThrowFindings()
    {
        if ((_witness.Finding ?? _source.Finding) is { } finding)
            throw finding;
    }

    /// <summary>Nothing may hang for ever.</summary>
    private void Watch()
    {
        foreach (var client in _clients.Where(client => client.BusySince < _agenda.Now - StuckTicks))
            throw new BrokenOracle("Liveness", client.BusyWith, $"an operation of node {client.Process.Number} on {client.BusyWith} has not ended in {StuckTicks / TimeSpan.TicksPerSecond} s.");
        _agenda.After(StuckTicks / 4, Watch);
    }

    private SimulatedProcess MakeProcess(int number, Mutant mutant)
    {
        var gate = new Gate();
        var surroundings = new ProcessSurroundings(_surroundings, gate, mutant.Tokens?.Invoke());
        var link = new Link(number, _engine, gate, surroundings, _agenda, DiceOf(10 + number), _options.Faults, _history);
        return new SimulatedProcess(number, gate, link, new LinkedTier(link, Heartbeat), surroundings, mutant.Rules(), new LoadMeter(number, gate), _source, _catalogue);
    }

    private Client MakeClient(SimulatedProcess process, int number)
    {
        var dice = DiceOf(100 + (process.Number * 100) + number);
        var reads = new Reads(process, _catalogue, _agenda, _oracle, new SignalOracle(2 * Heartbeat.Ticks), _history);
        var writes = new Writes(process, _source, _agenda, dice, _history, ticks => PauseAsync(process, ticks));
        return new Client(process, _catalogue, reads, writes, dice, (_options.Faults & FaultKind.Writer) != 0);
    }

    private Dice DiceOf(int stream) => new(unchecked((_options.Seed * 1_000_003) + stream));

    private Verdict Sum(BrokenOracle? broken) => new()
    {
        Broken = broken,
        Trace = broken is null ? [] : [.. _history.About(broken.Item, 60)],
        Hash = _history.Hash,
        Operations = _begun,
        VirtualTime = TimeSpan.FromTicks(_agenda.Now),
        ReadsJudged = _oracle.Judged,
        Stalest = TimeSpan.FromTicks(_oracle.StalestTicks),
        Loads = _source.Loads,
        Requests = _processes.Sum(process => process.Link.Requests),
        RequestsFailed = _processes.Sum(process => process.Link.Losses),
        FillsRefused = _processes.Sum(process => process.Signals.FillsRefused),
        ChangesDeferred = _processes.Sum(process => process.Signals.ChangesDeferred),
        EpochsBegun = _processes.Sum(process => process.Signals.EpochsBegun),
        GapsClosed = _processes.Sum(process => process.Signals.GapsClosed),
        Refused = _clients.Sum(client => client.Refused),
        Episodes = _faults.Counts.Concat(_trouble.Counts).ToDictionary(),
    };
}
