using Millpond.Sim.Faults;

namespace Millpond.Sim.Running;

/// <summary>What a run is: the same options always give the same run.</summary>
internal sealed record SimulationOptions
{
    public required int Seed { get; init; }

    /// <summary>How many operations the clients begin, all together.</summary>
    public long Operations { get; init; } = 100_000;

    public FaultKind Faults { get; init; } = FaultKind.All;

    /// <summary>Whether the fleet is one that writes behind, with journals, a database that is written, and processes that die.</summary>
    public bool WritesBehind { get; init; }

    public int Processes { get; init; } = 4;

    public int ClientsPerProcess { get; init; } = 4;
}
