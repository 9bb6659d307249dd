using Millpond.Sim.Clockwork;
using Millpond.Sim.Processes;

namespace Millpond.Sim.Oracles;

/// <summary>
/// I1: when nothing breaks any more and nobody writes, then after two heartbeats, the stale time and the longest pause before a change is told again, every read
/// in every process gives what the source has, except where a writer died unannounced; and after the hard time to live there too.
/// </summary>
internal sealed class RestOracle(IReadOnlyList<INode> processes, Catalogue catalogue, Agenda agenda, History history, ReadOracle oracle, Func<INode?, long, Task> pause)
{
    /// <summary>Deferred changes are told again after 1.5 s at the latest; then heartbeats and stale windows pass.</summary>
    private const long SettleTicks = 20 * TimeSpan.TicksPerSecond;

    private const long HardTicks = 40 * TimeSpan.TicksPerSecond;

    public async Task JudgeAsync()
    {
        await pause(null, SettleTicks).ConfigureAwait(false);
        await JudgeAllAsync(isOver: false).ConfigureAwait(false);
        await pause(null, HardTicks).ConfigureAwait(false);
        await JudgeAllAsync(isOver: true).ConfigureAwait(false);
    }

    private async Task JudgeAllAsync(bool isOver)
    {
        foreach (var process in processes)
        {
            foreach (var item in catalogue.All)
            {
                var began = new Moment(agenda.Now, history.Count);
                var row = await process.Of(item).GetAsync(item.Key).ConfigureAwait(false);
                oracle.Judge(item, row, process.Number, began, null);
                if (row?.Mark == item.History.Current?.Mark || (row is null && !item.Space.HasLoader))
                    continue;
                if (isOver || IsAnnounced(item))
                    throw new BrokenOracle("I1", item, $"at rest node {process.Number} holds #{row?.Mark} of {item}; the source has #{item.History.Current?.Mark}.");
            }
        }
    }

    /// <summary>Whether some change that bears on the state before the current one was applied after the last commit.</summary>
    private static bool IsAnnounced(Item item)
    {
        var before = item.History.Count > 1 ? item.History[item.History.Count - 2].Row : null;
        return item.Bearing(before).Any(fact => fact.CoveredBy(long.MaxValue) >= item.History.ChangedAt);
    }
}
