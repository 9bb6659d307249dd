using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Faults;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Behind.Fleet;

/// <summary>The people: they set and lift the database's constraints, have dead letters tried again, give some up.</summary>
internal sealed class BehindOperator(IReadOnlyList<BehindNode> nodes, BehindWorld world)
{
    private const long BetweenTicks = TimeSpan.TicksPerSecond;
    private const double DiscardProbability = 0.2;

    private readonly Dice _dice = world.DiceOf(4);
    private bool _ended;

    public long Retried { get; private set; }

    public void Begin()
    {
        if ((world.Options.Faults & FaultKind.Poison) != 0)
            world.Agenda.After(_dice.Around(BetweenTicks), Act);
    }

    public void End() => (_ended, world.Database.IsStrict) = (true, false);

    /// <summary>Has every process that flushes try its dead letters again, and flush what it has.</summary>
    public async Task RetryAllAsync()
    {
        foreach (var node in nodes)
        {
            foreach (var name in BehindSpaces.Names)
                await RetryAsync(node, name).ConfigureAwait(false);
        }
    }

    private void Act()
    {
        if (_ended)
            return;
        world.Agenda.After(_dice.Around(BetweenTicks), Act);
        var node = nodes[_dice.Below(nodes.Count)];
        var name = BehindSpaces.Names[_dice.Below(BehindSpaces.Names.Count)];
        if (_dice.Chance(world.Database.IsStrict ? 0.2 : 0.1))
        {
            world.Database.IsStrict = !world.Database.IsStrict;
            world.History.Note(world.Agenda.Now, world.Database.IsStrict ? What.Strict : What.Mended, -1, null);
        }

        if (!node.IsDown)
            node.Gate.Deliver(() => _ = _dice.Chance(DiscardProbability) ? DiscardAsync(node, name) : RetryAsync(node, name));
    }

    private async Task RetryAsync(BehindNode node, string name)
    {
        if (node.IsDown || node.Process.IsStopping)
            return;
        try
        {
            Retried += await node.Process.Cache.WriteBehind(name).RetryDeadLettersAsync().ConfigureAwait(false);
        }
        catch (Exception refusal) when (refusal is MillpondException or IOException or Millpond.Sinks.SinkException)
        {
            // Another one flushes, or something is away. People try again.
        }
    }

    private async Task DiscardAsync(BehindNode node, string name)
    {
        try
        {
            var behind = node.Process.Cache.WriteBehind(name);
            if (await behind.DeadLettersAsync().ConfigureAwait(false) is not [var letter, ..])
                return;
            world.JournalOf(name, node.Number).Account.MayDiscard(letter.Record.Key);
            var begun = world.Agenda.Now;
            await behind.DiscardDeadLettersAsync(letter.Record.Key).ConfigureAwait(false);
            world.History.Note(begun, What.Discarded, node.Number, world.JournalOf(name, node.Number).Account.States?.Find(letter.Record.Key));
        }
        catch (Exception refusal) when (refusal is MillpondException or IOException or Millpond.Sinks.SinkException)
        {
            // As above.
        }
    }
}
