using Millpond.Sim.Clockwork;
using Millpond.Sim.Network;
using Millpond.Sim.Oracles;
using Millpond.Sim.Processes;

namespace Millpond.Sim.Faults;

/// <summary>
/// The episodes of a run: every now and then something breaks for a while. Several may overlap. What happens to single messages is the links' own business.
/// </summary>
internal sealed class FaultPlan(FaultKind faults, SimulatedEngine engine, IReadOnlyList<INode> processes, IReadOnlyList<Item> items, Agenda agenda, Dice dice, History history, Action<INode> onWake)
{
    private const long BetweenTicks = 2 * TimeSpan.TicksPerSecond;
    private const long SnapshotTicks = 5 * TimeSpan.TicksPerSecond;
    private const long EvictTicks = 50 * TimeSpan.TicksPerMillisecond;

    private readonly FaultKind[] _episodes =
        [.. new[] { FaultKind.Channel, FaultKind.Partition, FaultKind.Freeze, FaultKind.Crash, FaultKind.Rollback, FaultKind.Slow }.Where(kind => (faults & kind) != 0)];

    private readonly Dictionary<FaultKind, int> _counts = [];
    private bool _ended;

    public IReadOnlyDictionary<FaultKind, int> Counts => _counts;

    public void Begin()
    {
        if (_episodes.Length > 0)
            agenda.After(dice.Around(BetweenTicks), Break);
        if ((faults & FaultKind.Rollback) != 0)
            agenda.After(SnapshotTicks, Snapshot);
        if ((faults & FaultKind.Evict) != 0)
            agenda.After(EvictTicks, Evict);
    }

    /// <summary>Heals everything, and breaks nothing any more.</summary>
    public void End()
    {
        _ended = true;
        if (engine.IsDown)
            engine.RestartEmpty();
        engine.Slowness = 1;
        foreach (var process in processes)
        {
            process.Link.EndFaults();
            process.Tier.SilenceChannels(false);
            Wake(process);
        }
    }

    private void Break()
    {
        if (_ended)
            return;
        var kind = _episodes[dice.Below(_episodes.Length)];
        var process = processes[dice.Below(processes.Count)];
        var lasting = dice.Between(100 * TimeSpan.TicksPerMillisecond, 8 * TimeSpan.TicksPerSecond);
        Count(kind);
        Begin(kind, process, lasting);
        agenda.After(dice.Around(BetweenTicks), Break);
    }

    private void Begin(FaultKind kind, INode process, long lasting)
    {
        switch (kind)
        {
            case FaultKind.Channel when dice.Chance(0.5):
                process.Tier.BreakChannels();
                break;
            case FaultKind.Channel:
                history.Note(agenda.Now, What.ChannelSilent, process.Number, null);
                process.Tier.SilenceChannels(true);
                After(lasting, () => process.Tier.SilenceChannels(false));
                break;
            case FaultKind.Partition:
                Cut(process, lasting);
                break;
            case FaultKind.Freeze:
                history.Note(agenda.Now, What.Frozen, process.Number, null);
                process.Gate.Freeze();
                After(lasting, () => Wake(process));
                break;
            case FaultKind.Slow:
                engine.Slowness = 100;
                After(lasting / 4, () => engine.Slowness = 1);
                break;
            default:
                Stop(kind, lasting / 8);
                break;
        }
    }

    private void Cut(INode process, long lasting)
    {
        history.Note(agenda.Now, What.Partitioned, process.Number, null);
        process.Link.IsCut = true;
        if (dice.Chance(0.5))
            process.Tier.BreakChannels();
        After(lasting, () =>
        {
            history.Note(agenda.Now, What.Healed, process.Number, null);
            process.Link.IsCut = false;
        });
    }

    private void Stop(FaultKind kind, long lasting)
    {
        if (engine.IsDown)
            return;
        history.Note(agenda.Now, What.EngineDown, -1, null);
        engine.IsDown = true;
        After(lasting, kind == FaultKind.Crash ? engine.RestartEmpty : engine.RestartOld);
    }

    private void Wake(INode process)
    {
        if (!process.Gate.IsFrozen)
            return;
        history.Note(agenda.Now, What.Woke, process.Number, null);
        process.Gate.Wake(agenda.Now, () => onWake(process));
    }

    private void Snapshot()
    {
        if (_ended)
            return;
        engine.TakeSnapshot();
        agenda.After(SnapshotTicks, Snapshot);
    }

    private void Evict()
    {
        if (_ended)
            return;
        Count(FaultKind.Evict);
        engine.Evict(items[dice.Below(items.Count)]);
        agenda.After(dice.Around(EvictTicks), Evict);
    }

    private void After(long ticks, Action act) => agenda.After(ticks, () =>
    {
        if (!_ended)
            act();
    });

    private void Count(FaultKind kind) => _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
}
