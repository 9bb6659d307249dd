using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Sim.Network;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Mutants;

/// <summary>Bugs of an engine: most override one decision of <see cref="InProcessRules"/>.</summary>
internal static class EngineMutants
{
    public static IReadOnlyList<Mutant> List { get; } =
    [
        WithRules("fill-without-lease", "A fill is stored whether or not its lease lives (rule 3, A1, A7).", new FillWithoutLease()),
        WithRules("lease-survives-change", "A change of a key leaves its lease alive (rule 5, A1).", new LeaseSurvivesChange()),
        WithRules("write-fill-unpushed", "A fill under a write lease is no change, so nobody else hears of it.", new WriteFillUnpushed()),
        WithRules("same-incarnation", "A restart goes on under the old incarnation (rule 9, A24, A27).", new SameIncarnation()),
        WithRules("two-leases", "A lease to load is granted although another lives (rule 2).", new TwoLeases()),
        WithRules("extension-grants", "To extend a lease that a change ended grants it anew (rule 3).", new ExtensionGrants()),
        WithRules("change-keeps-value", "A change ends the lease and leaves the value as it was (rule 5).", new ChangeKeepsValue()),
    ];

    private static Mutant WithRules(string name, string sin, InProcessRules rules) =>
        new(name, sin) { Engine = (surroundings, witness) => new SimulatedEngine(surroundings, rules, witness) };

    private sealed class FillWithoutLease : InProcessRules
    {
        public override FillOutcome JudgeFill(Nonce held, Nonce filling, Incarnation loadedIn, Incarnation current) => FillOutcome.Stored;
    }

    private sealed class LeaseSurvivesChange : InProcessRules
    {
        public override bool EndsLease(in Change change) => false;
    }

    private sealed class WriteFillUnpushed : InProcessRules
    {
        public override bool IsChange(LeasePurpose filledUnder) => false;
    }

    private sealed class SameIncarnation : InProcessRules
    {
        public override Incarnation AfterRestart(Incarnation before, Surroundings surroundings) => before;
    }

    private sealed class TwoLeases : InProcessRules
    {
        public override bool MayGrant(bool isHeld, LeasePurpose purpose) => true;
    }

    private sealed class ExtensionGrants : InProcessRules
    {
        public override LeaseOutcome JudgeExtension(Nonce held, Nonce extending) => held.IsNone ? LeaseOutcome.Granted : base.JudgeExtension(held, extending);
    }

    private sealed class ChangeKeepsValue : InProcessRules
    {
        public override AfterInvalidation Fate(in Change change) => AfterInvalidation.Stale;
    }
}
