using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Network;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Processes;

/// <summary>A place in the fleet where a process runs: what faults act on, and what clients and oracles read through.</summary>
internal interface INode
{
    int Number { get; }

    Gate Gate { get; }

    Link Link { get; }

    LinkedTier Tier { get; }

    Signals Signals { get; }

    IKeyspace<int, Row> Of(Space space, int tenant);

    IKeyspace<int, Row> Of(Item item);
}
