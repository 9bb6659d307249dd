using Millpond.Policies;

namespace Millpond.Sim.Mutants;

/// <summary>Bugs of the guard in front of the source.</summary>
internal static class GuardMutants
{
    public static IReadOnlyList<Mutant> List { get; } =
    [
        new("limit-ignored", "A load goes to the source although as many are under way as it takes (I5).") { Rules = () => new LimitIgnored() },
        new("place-given-back-twice", "A load that ends gives back a place that another still has (I5).") { Rules = () => new PlaceGivenBackTwice() },
        new("deadline-ignored", "A load is begun although its time is over (I5).") { Rules = () => new DeadlineIgnored() },
    ];

    private sealed class LimitIgnored : ProtocolRules
    {
        public override bool MayEnter(int inside, int limit) => true;
    }

    private sealed class PlaceGivenBackTwice : ProtocolRules
    {
        public override int InsideAfter(int inside) => Math.Max(0, inside - 2);
    }

    private sealed class DeadlineIgnored : ProtocolRules
    {
        public override bool MayBegin(long now, long deadline, bool isCancelled) => true;
    }
}
