using Millpond.Sim.Processes;

namespace Millpond.Sim.Oracles;

/// <summary>
/// I9: a value served stale because the shared tier is in doubt was preceded by an event that says so, in that process and keyspace, unless the process had
/// only just woken and could not know.
/// </summary>
internal sealed class SignalOracle(long graceTicks)
{
    public void Judge(INode process, Item item, StaleReason stale, long beganAt)
    {
        if (stale is not (StaleReason.ChannelSilent or StaleReason.Incarnation))
            return;
        if (beganAt - process.Gate.WokeAt <= graceTicks)
            return;
        if (process.Signals.DegradedAt(Catalogue.FullName(item.Space)) == long.MinValue && process.Signals.DegradedAt(item.Space.Name) == long.MinValue)
            throw new BrokenOracle("I9", item, $"node {process.Number} was given {item} as stale ({stale}), and no event had said that anything is wrong.");
    }
}
