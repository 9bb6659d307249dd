using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Faults;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Network;

/// <summary>One process's way to the engine of the shared tier, which also pushes.</summary>
internal sealed class Link(int process, SimulatedEngine engine, Gate gate, Surroundings surroundings, Agenda agenda, Dice dice, FaultKind faults, History history)
    : Wire(process, engine, gate, surroundings, agenda, dice, faults, history)
{
    public SimulatedEngine Engine => engine;

    /// <summary>Brings a message of the engine's to the process, if nothing on the way speaks against it at its arrival.</summary>
    public void Push(long ticks, Action arrive) => Agenda.After(ticks, () =>
    {
        if (!IsCut)
            Gate.Deliver(arrive);
    });

    protected override Exception Refused() => new SharedTierException("The simulated engine refused the connection.");

    protected override Exception Unanswered() => new SharedTierException("The simulated engine did not answer in time.");
}
