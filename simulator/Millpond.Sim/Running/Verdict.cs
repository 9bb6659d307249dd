using Millpond.Sim.Faults;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Running;

/// <summary>How a run ended and what happened in it.</summary>
internal sealed record Verdict
{
    /// <summary>The promise that was broken; null if none was.</summary>
    public BrokenOracle? Broken { get; init; }

    /// <summary>The last events that bear on the item it was broken for.</summary>
    public IReadOnlyList<string> Trace { get; init; } = [];

    /// <summary>Two runs with the same options have the same.</summary>
    public required ulong Hash { get; init; }

    public required long Operations { get; init; }

    public required TimeSpan VirtualTime { get; init; }

    public long ReadsJudged { get; init; }

    public TimeSpan Stalest { get; init; }

    public long Loads { get; init; }

    public long Requests { get; init; }

    public long RequestsFailed { get; init; }

    public long FillsRefused { get; init; }

    public long ChangesDeferred { get; init; }

    public long EpochsBegun { get; init; }

    public long GapsClosed { get; init; }

    public long Refused { get; init; }

    /// <summary>Null where nothing is written behind.</summary>
    public BehindFigures? Behind { get; init; }

    public IReadOnlyDictionary<FaultKind, int> Episodes { get; init; } = new Dictionary<FaultKind, int>();
}
