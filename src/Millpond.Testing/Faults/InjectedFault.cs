using Millpond.Shared;

namespace Millpond.Testing.Faults;

internal static class InjectedFault
{
    public static SharedTierException At(SharedOperation operation, FaultPoint point) => new(
        $"{operation} failed {(point == FaultPoint.BeforeEffect ? "before" : "after")} its effect. A test injected this.");
}
