using Millpond.Sim.Behind.Fleet;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Faults;
using Millpond.Sim.Mutants;
using Millpond.Sim.Operations;
using Millpond.Sim.Oracles;
using Millpond.Sim.Processes;
using Millpond.Sim.Running;

namespace Millpond.Sim.Behind;

/// <summary>
/// One run of a fleet that writes behind: processes are killed and started again while journals, the database and the shared tier break; then everything is healed and flushed, and the database is compared with what was acknowledged.
/// </summary>
internal sealed class BehindSimulation
{
    private const long StuckTicks = 120 * TimeSpan.TicksPerSecond;
    private const long PauseTicks = 20 * TimeSpan.TicksPerMillisecond;
    private const long LookTicks = TimeSpan.TicksPerSecond;
    private const int LooksMax = 120;

    private readonly BehindWorld _world;
    private readonly BehindNode[] _nodes;
    private readonly BehindFaults _stores;
    private readonly BehindOperator _operator;
    private readonly FaultPlan _faults;
    private readonly Dice _feed;
    private readonly HashSet<BehindClient> _operating = [];
    private readonly TaskCompletionSource _clientsEnded = new();
    private long _begun;
    private long _marks;
    private long _readsRefused;
    private long _unknown;

    private BehindSimulation(SimulationOptions options, Mutant mutant)
    {
        _world = new BehindWorld(options, mutant);
        _nodes = [.. Enumerable.Range(0, options.Processes).Select(number => new BehindNode(number, _world, StartClients))];
        _stores = new BehindFaults(_world, _nodes);
        _operator = new BehindOperator(_nodes, _world);
        _faults = new FaultPlan(options.Faults, _world.Engine, _nodes, _world.Catalogue.All, _world.Agenda, _world.DiceOf(3), _world.History, PeekEverywhere);
        _feed = _world.DiceOf(6);
        _world.Database.Committed = Feed;
    }

    public static Verdict Run(SimulationOptions options, Mutant mutant)
    {
        var simulation = new BehindSimulation(options, mutant);
        var verdict = simulation.Sum(Judged.Run(simulation._world.Surroundings, simulation.RunAsync));
        foreach (var node in simulation._nodes)
            node.Bury();
        return verdict;
    }

    private async Task RunAsync()
    {
        _faults.Begin();
        _stores.Begin();
        _operator.Begin();
        Watch();
        foreach (var node in _nodes)
            node.Start();
        await _clientsEnded.Task.ConfigureAwait(false);
        _faults.End();
        _stores.End();
        _operator.End();
        await FlushAsync().ConfigureAwait(false);
        await new RestOracle(_nodes, _world.Catalogue, _world.Agenda, _world.History, _world.Oracle, PauseAsync).JudgeAsync().ConfigureAwait(false);
        foreach (var account in _world.Accounts.All)
            account.JudgeRest();
        ThrowFindings();
    }

    private void StartClients(BehindNode node)
    {
        // Whoever was under way in the process before never comes back.
        _operating.RemoveWhere(client => client.Node == node);
        for (var number = 0; number < _world.Options.ClientsPerProcess; number++)
        {
            var dice = _world.DiceOf(100 + (node.Number * 100) + number + (node.Process.Life.Number * 10_000));
            var reads = new Reads(node, _world.Catalogue, _world.Agenda, _world.Oracle, new SignalOracle(2 * Simulation.Heartbeat.Ticks), _world.History);
            var client = new BehindClient(node, node.Process, _world, reads, dice, () => ++_marks);
            _operating.Add(client);
            _ = OperateAsync(client, dice);
        }
    }

    private async Task OperateAsync(BehindClient client, Dice dice)
    {
        try
        {
            while (_begun < _world.Options.Operations && !client.Process.IsStopping)
            {
                _begun++;
                await client.OperateAsync().ConfigureAwait(false);
                ThrowFindings();
                await PauseAsync(client.Node, dice.Around(PauseTicks)).ConfigureAwait(false);
            }

            (_readsRefused, _unknown) = (_readsRefused + client.ReadsRefused, _unknown + client.Unknown);
            _operating.Remove(client);
            if (_begun >= _world.Options.Operations && _operating.Count == 0)
                _clientsEnded.TrySetResult();
        }
        catch (Exception failure)
        {
            _begun = _world.Options.Operations;
            _clientsEnded.TrySetException(failure);
        }
    }

    /// <summary>Everything is healed: within two minutes all that was acknowledged is in the database, dead letters too.</summary>
    private async Task FlushAsync()
    {
        for (var look = 0; _nodes.Any(node => node.IsDown) || _world.Journals.Any(journal => journal.Depth is not { Records: 0, DeadLetters: 0 }); look++)
        {
            if (look == LooksMax)
                throw new BrokenOracle("Liveness", null, $"two minutes after everything was healed not all is flushed: {string.Join(", ", _world.Journals.Where(journal => journal.Depth is not { Records: 0, DeadLetters: 0 }).Select(journal => $"{journal.Name} {journal.Depth}"))}. {string.Join("; ", _nodes.SelectMany(node => node.Process.Cache.Statistics().WriteBehind.Select(one => $"node {node.Number} {one.Keyspace} {one.State} {one.LastFailure}")))}");
            await PauseAsync(null, LookTicks).ConfigureAwait(false);
            await _operator.RetryAllAsync().ConfigureAwait(false);
            ThrowFindings();
        }
    }

    /// <summary>A change feed of the database brings our own flushes back, late, sometimes twice, to whichever process follows it.</summary>
    private void Feed(IReadOnlyList<Item> items)
    {
        for (var times = _feed.Chance(0.1) ? 2 : 1; times > 0; times--)
        {
            _world.Agenda.After(_feed.Around(100 * TimeSpan.TicksPerMillisecond), () =>
            {
                var node = _nodes[_feed.Below(_nodes.Length)];
                if (!node.IsDown && !node.Process.IsStopping)
                    node.Gate.Deliver(() => _ = TellAsync(node, items));
            });
        }
    }

    private async Task TellAsync(BehindNode node, IReadOnlyList<Item> items)
    {
        try
        {
            foreach (var item in items)
                _world.History.Note(_world.Agenda.Now, What.FeedTold, node.Number, item);
            await node.Of(items[0]).InvalidateManyAsync([.. items.Select(item => item.Key)]).ConfigureAwait(false);
        }
        catch (MillpondException failure) when (failure.Code == ErrorCode.Disposed)
        {
            // The process was stopped meanwhile; a feed tells the next one, and so do flushes.
        }
    }

    private Task PauseAsync(INode? node, long ticks)
    {
        var over = new TaskCompletionSource();
        var gate = node?.Gate;
        _world.Agenda.After(ticks, () =>
        {
            if (gate is null)
                over.SetResult();
            else
                gate.Deliver(over.SetResult);
        });
        return over.Task;
    }

    private void PeekEverywhere(INode node)
    {
        var reads = new Reads(node, _world.Catalogue, _world.Agenda, _world.Oracle, new SignalOracle(2 * Simulation.Heartbeat.Ticks), _world.History);
        if (!((BehindNode)node).Process.IsStopping)
            foreach (var item in _world.Catalogue.All)
                reads.Peek(item);
    }

    private void ThrowFindings()
    {
        if ((_world.Accounts.Finding ?? _world.Witness.Finding) is { } finding)
            throw finding;
    }

    private void Watch()
    {
        foreach (var client in _operating.Where(client => client.BusySince < _world.Agenda.Now - StuckTicks && !client.Process.Gate.IsDead))
            _clientsEnded.TrySetException(new BrokenOracle("Liveness", client.BusyWith, $"an operation of node {client.Node.Number} on {client.BusyWith} has not ended in {StuckTicks / TimeSpan.TicksPerSecond} s."));
        _world.Agenda.After(StuckTicks / 4, Watch);
    }

    private Verdict Sum(BrokenOracle? broken)
    {
        var tallies = _world.Accounts.All.Select(account => account.Tally).ToArray();
        return new()
        {
            Broken = broken,
            Trace = broken is null ? [] : [.. _world.History.About(broken.Item, 60)],
            Hash = _world.History.Hash,
            Operations = _begun,
            VirtualTime = TimeSpan.FromTicks(_world.Agenda.Now),
            ReadsJudged = _world.Oracle.Judged,
            Stalest = TimeSpan.FromTicks(_world.Oracle.StalestTicks),
            Loads = _world.Loads.Count,
            Refused = _readsRefused,
            Episodes = _faults.Counts.Concat(_stores.Counts).ToDictionary(),
            Behind = new()
            {
                Acknowledged = tallies.Sum(tally => tally.Acknowledged),
                Refused = tallies.Sum(tally => tally.Refused),
                Unknown = _unknown,
                Buried = tallies.Sum(tally => tally.Buried),
                Retried = _operator.Retried,
                Discarded = tallies.Sum(tally => tally.Discarded),
                Lost = tallies.Sum(tally => tally.Lost),
                Batches = _world.Database.Batches,
                Fenced = _world.Database.Fenced,
                BatchesRefused = _world.Database.RefusedBatches,
                Killed = _nodes.Sum(node => node.Deaths),
                Stopped = _nodes.Sum(node => node.Stops),
            },
        };
    }
}
