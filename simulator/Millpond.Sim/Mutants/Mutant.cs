using Millpond.Policies;
using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Sim.Behind.Journals;
using Millpond.Sim.Behind.Sinks;
using Millpond.Sim.Network;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Mutants;

/// <summary>A deliberate bug of the protocol: what to put in the place of one sound part.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Sin">What it does wrong, and which rule that breaks.</param>
internal sealed record Mutant(string Name, string Sin)
{
    public static Mutant None { get; } = new("none", "Everything is sound.");

    public Func<ProtocolRules> Rules { get; init; } = () => ProtocolRules.Standard;

    /// <summary>Makes what a process draws the names of its leases from; null for chance.</summary>
    public Func<Func<Nonce>>? Tokens { get; init; }

    public JournalRules Journal { get; init; } = JournalRules.Sound;

    public SinkRules Sink { get; init; } = SinkRules.Sound;

    /// <summary>Whether the source is read before the journal is asked.</summary>
    public bool AsksPendingLast { get; init; }

    /// <summary>Whether it takes a fleet that writes behind to show it.</summary>
    public bool IsOfWriteBehind { get; init; }

    public Func<Surroundings, Witness, SimulatedEngine> Engine { get; init; } = (surroundings, witness) => new SimulatedEngine(surroundings, null, witness);
}
