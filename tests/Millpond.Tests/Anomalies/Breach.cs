using Millpond.Policies;
using Millpond.Shared.InProcess;

namespace Millpond.Tests.Anomalies;

/// <summary>The rules that a schedule runs under. The standard ones, unless a test breaks one to see the anomaly appear.</summary>
internal sealed record Breach
{
    public ProtocolRules Process { get; init; } = ProtocolRules.Standard;

    public InProcessRules Engine { get; init; } = InProcessRules.Sound;

    public static Breach Of(ProtocolRules broken) => new() { Process = broken };

    public static Breach Of(InProcessRules broken) => new() { Engine = broken };
}
