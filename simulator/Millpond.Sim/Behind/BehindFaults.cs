using Millpond.Sim.Behind.Fleet;
using Millpond.Sim.Behind.Journals;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Faults;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Behind;

/// <summary>The episodes that write-behind has of its own: processes end, journals and the database are away, slow, or not what they were.</summary>
internal sealed class BehindFaults(BehindWorld world, IReadOnlyList<BehindNode> nodes)
{
    private const long BetweenTicks = 1_000 * TimeSpan.TicksPerMillisecond;
    private const long CopyTicks = 2 * TimeSpan.TicksPerSecond;

    private readonly FaultKind[] _kinds = [.. new[] { FaultKind.Kill, FaultKind.Journal, FaultKind.Database }.Where(kind => (world.Options.Faults & kind) != 0)];
    private readonly Dictionary<FaultKind, int> _counts = [];
    private readonly Dice _dice = world.DiceOf(5);
    private bool _ended;

    public IReadOnlyDictionary<FaultKind, int> Counts => _counts;

    public void Begin()
    {
        if (_kinds.Length > 0)
            world.Agenda.After(_dice.Around(BetweenTicks), Break);
        if (world.JournalsMayFallBack)
            world.Agenda.After(CopyTicks, Copy);
    }

    public void End()
    {
        _ended = true;
        foreach (var journal in world.Journals)
            (journal.IsDown, journal.Slowness) = (false, 1);
        (world.Database.IsDown, world.Database.Slowness, world.Database.Deadlocks) = (false, 1, false);
        world.Loads.EndFaults();
        foreach (var node in nodes)
            node.EndFaults();
    }

    private void Break()
    {
        if (_ended)
            return;
        var kind = _kinds[_dice.Below(_kinds.Length)];
        var lasting = _dice.Between(100 * TimeSpan.TicksPerMillisecond, 6 * TimeSpan.TicksPerSecond);
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        switch (kind)
        {
            case FaultKind.Kill when _dice.Chance(0.3):
                _ = nodes[_dice.Below(nodes.Count)].StopAsync();
                break;
            case FaultKind.Kill:
                nodes[_dice.Below(nodes.Count)].Kill();
                break;
            case FaultKind.Journal:
                BreakJournal(lasting);
                break;
            default:
                BreakDatabase(lasting);
                break;
        }

        world.Agenda.After(_dice.Around(BetweenTicks), Break);
    }

    private void BreakJournal(long lasting)
    {
        JournalServer[] journals = _dice.Chance(0.5) ? [.. world.SharedJournals] : [.. world.Journals];
        var journal = journals[_dice.Below(journals.Length)];
        if (_dice.Chance(0.3))
        {
            journal.Slowness = 200;
            After(lasting / 2, () => journal.Slowness = 1);
            return;
        }

        journal.IsDown = true;
        world.History.Note(world.Agenda.Now, What.JournalDown, -1, null);
        var fate = _dice.Below(4);
        After(lasting / 2, () => Return(journal, fate));
    }

    private void Return(JournalServer journal, int fate)
    {
        if (!journal.IsDown)
            return;
        journal.IsDown = false;
        var mayFallBack = world.JournalsMayFallBack && world.SharedJournals.Contains(journal);
        if (mayFallBack && fate == 0)
            journal.RestartEmpty();
        else if (mayFallBack && fate < 3)
            journal.FallBack();
        world.History.Note(world.Agenda.Now, mayFallBack && fate < 3 ? What.JournalFellBack : What.JournalBack, -1, null);
    }

    private void BreakDatabase(long lasting)
    {
        if (_dice.Chance(0.3))
        {
            world.Database.Slowness = 500;
            After(lasting / 2, () => world.Database.Slowness = 1);
            return;
        }

        world.Database.IsDown = true;
        world.History.Note(world.Agenda.Now, What.DatabaseDown, -1, null);
        After(lasting / 4, () =>
        {
            world.Database.IsDown = false;
            world.History.Note(world.Agenda.Now, What.DatabaseBack, -1, null);
        });
    }

    private void Copy()
    {
        if (_ended)
            return;
        foreach (var journal in world.SharedJournals)
            journal.TakeCopy();
        world.Agenda.After(CopyTicks, Copy);
    }

    private void After(long ticks, Action act) => world.Agenda.After(ticks, () =>
    {
        if (!_ended)
            act();
    });
}
