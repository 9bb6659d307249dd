using Millpond.Shared;
using Millpond.Testing.Conformance.Cases;

namespace Millpond.Testing.Conformance;

/// <summary>
/// The contract of <see cref="ISharedTier"/> as tests, the same for every engine. An engine's test project runs each case that
/// <see cref="ConformanceCase.IsFor"/> its fixture, and lists those that it leaves out.
/// </summary>
public static class SharedTierConformance
{
    /// <summary>All cases, in the order of the contract.</summary>
    public static IReadOnlyList<ConformanceCase> Cases { get; } =
    [
        .. LeaseCases.All, .. WriteLeaseCases.All, .. FillCases.All, .. LostLeaseCases.All, .. ChangeCases.All, .. ControlCases.All, .. ValueCases.All,
        .. TimeCases.All, .. WaitCases.All, .. PushCases.All, .. CounterCases.All, .. EdgeCases.All,
    ];
}
