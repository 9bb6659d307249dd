using Millpond.Runtime;

namespace Millpond.Shared.InProcess;

/// <summary>
/// The decisions of the protocol that the shared tier makes, each a method of its own. The simulator overrides one at a time to prove
/// that its oracles would notice a tier that gets it wrong; nothing else overrides any.
/// </summary>
internal class InProcessRules
{
    public static InProcessRules Sound { get; } = new();

    /// <summary>Rule 2: of those who want to load, one; a writer always (see <see cref="LeasePurpose.Write"/>).</summary>
    public virtual bool MayGrant(bool isHeld, LeasePurpose purpose) => !isHeld || purpose == LeasePurpose.Write;

    /// <summary>Rule 3: a lease that a change ended is never had again by extending it, because the load under it began before that change.</summary>
    public virtual LeaseOutcome JudgeExtension(Nonce held, Nonce extending) =>
        !held.IsNone && held == extending ? LeaseOutcome.Renewed : LeaseOutcome.None;

    /// <summary>Rule 3. No record, or one whose lease is over, comes in as <see cref="Nonce.None"/>, which no fill can name.</summary>
    public virtual FillOutcome JudgeFill(Nonce held, Nonce filling, Incarnation loadedIn, Incarnation current) =>
        loadedIn != current ? FillOutcome.OtherIncarnation
        : held.IsNone || held != filling ? FillOutcome.LeaseLost
        : FillOutcome.Stored;

    /// <summary>A13: only the lease's own holder gives it back.</summary>
    public virtual bool MayRelease(Nonce held, Nonce releasing) => !held.IsNone && held == releasing;

    /// <summary>Rule 5: a change ends the lease whatever becomes of the value, because the load under it may have begun before.</summary>
    public virtual bool EndsLease(in Change change) => change.Kind == ChangeKind.Key;

    /// <summary>Rule 5: what becomes of the value.</summary>
    public virtual AfterInvalidation Fate(in Change change) => change.After;

    /// <summary>Rule 1: the lease goes with the value.</summary>
    public virtual bool EvictsLeaseToo() => true;

    /// <summary>A fill under a write lease is a change: other processes may hold the value from before.</summary>
    public virtual bool IsChange(LeasePurpose filledUnder) => filledUnder == LeasePurpose.Write;

    /// <summary>Rule 9: a restart begins another life, whose name was never used before.</summary>
    public virtual Incarnation AfterRestart(Incarnation before, Surroundings surroundings) => Draw(surroundings);

    public static Incarnation Draw(Surroundings surroundings)
    {
        Nonce bits = surroundings.NextNonce();
        return new Incarnation(bits.High, bits.Low);
    }
}
