using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Shared.InProcess;

namespace Millpond.Testing.Tests.Conformance;

/// <summary>Tiers that get one rule wrong, each in a way that somebody has shipped.</summary>
internal static class BrokenRules
{
    public sealed class Grants_a_lease_that_is_held : InProcessRules
    {
        public override bool MayGrant(bool isHeld, LeasePurpose purpose) => true;
    }

    public sealed class Grants_what_was_to_be_extended : InProcessRules
    {
        public override LeaseOutcome JudgeExtension(Nonce held, Nonce extending) =>
            held.IsNone ? LeaseOutcome.Granted : base.JudgeExtension(held, extending);
    }

    public sealed class Lets_a_write_wait_for_a_load : InProcessRules
    {
        public override bool MayGrant(bool isHeld, LeasePurpose purpose) => !isHeld;
    }

    public sealed class Fills_under_any_lease : InProcessRules
    {
        public override FillOutcome JudgeFill(Nonce held, Nonce filling, Incarnation loadedIn, Incarnation current) =>
            loadedIn != current ? FillOutcome.OtherIncarnation : held.IsNone ? FillOutcome.LeaseLost : FillOutcome.Stored;
    }

    public sealed class Fills_without_a_lease : InProcessRules
    {
        public override FillOutcome JudgeFill(Nonce held, Nonce filling, Incarnation loadedIn, Incarnation current) =>
            loadedIn != current ? FillOutcome.OtherIncarnation : held.IsNone || held == filling ? FillOutcome.Stored : FillOutcome.LeaseLost;
    }

    public sealed class Fills_from_another_incarnation : InProcessRules
    {
        public override FillOutcome JudgeFill(Nonce held, Nonce filling, Incarnation loadedIn, Incarnation current) =>
            base.JudgeFill(held, filling, current, current);
    }

    public sealed class Compares_half_a_nonce : InProcessRules
    {
        public override FillOutcome JudgeFill(Nonce held, Nonce filling, Incarnation loadedIn, Incarnation current) =>
            base.JudgeFill(held with { High = 1 }, filling with { High = 1 }, loadedIn, current);
    }

    public sealed class Releases_for_anybody : InProcessRules
    {
        public override bool MayRelease(Nonce held, Nonce releasing) => true;
    }

    public sealed class Never_releases : InProcessRules
    {
        public override bool MayRelease(Nonce held, Nonce releasing) => false;
    }

    public sealed class Keeps_the_lease_over_a_change : InProcessRules
    {
        public override bool EndsLease(in Change change) => false;
    }

    public sealed class Keeps_the_lease_where_the_value_stays : InProcessRules
    {
        public override bool EndsLease(in Change change) => change.After == AfterInvalidation.Gone;
    }

    public sealed class Serves_what_should_be_gone : InProcessRules
    {
        public override AfterInvalidation Fate(in Change change) => AfterInvalidation.Stale;
    }

    public sealed class Drops_what_should_be_stale : InProcessRules
    {
        public override AfterInvalidation Fate(in Change change) => AfterInvalidation.Gone;
    }

    public sealed class Evicts_the_value_and_keeps_the_lease : InProcessRules
    {
        public override bool EvictsLeaseToo() => false;
    }

    public sealed class Keeps_a_write_to_itself : InProcessRules
    {
        public override bool IsChange(LeasePurpose filledUnder) => false;
    }

    public sealed class Calls_a_load_a_change : InProcessRules
    {
        public override bool IsChange(LeasePurpose filledUnder) => true;
    }

    public sealed class Restarts_unnoticed : InProcessRules
    {
        public override Incarnation AfterRestart(Incarnation before, Surroundings surroundings) => before;
    }
}
