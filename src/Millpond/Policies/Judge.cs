using Millpond.Local;
using Millpond.Partitions;
using Millpond.Runtime;

namespace Millpond.Policies;

/// <summary>
/// The freshness decision, the same for an entry held here and a record just read from the shared tier.
/// </summary>
internal sealed class Judge(ProtocolRules rules, Surroundings surroundings, long trustTicks)
{
    /// <summary>How long silence is no news, in ticks; <see cref="long.MaxValue"/> where pushes cannot be lost.</summary>
    public long TrustTicks { get; } = trustTicks;

    /// <summary>
    /// Whether an entry is a plain hit: the comparisons that nearly every hit passes, and none more. If false, <see cref="Decide"/> says what it is.
    /// </summary>
    public static bool IsPlainHit<TValue>(Entry<TValue> entry, PartitionView view, long now) =>
        now < entry.QuietUntil
        && entry.ValidAsOf >= view.NewestFloor
        && entry.Epoch == view.Epoch
        && now < view.TrustedUntil
        && entry.InvalidatedAt == 0
        && entry.SlidingTicks == 0;

    public Judgement Decide<TValue>(Entry<TValue> entry, PartitionView view, Policy policy, long now)
    {
        if (now >= entry.HardUntil || now >= entry.IdleUntil)
        {
            return new(Verdict.Gone, StaleReason.Expired, entry.FreshUntil);
        }

        if (FloorOver(entry, view) is { Sequence: > 0 } floor)
        {
            var gone = policy.Options.AfterInvalidation == Shared.AfterInvalidation.Gone;
            return new(gone ? Verdict.Gone : Verdict.Stale, StaleReason.ScopeInvalidated, floor.LearntAt);
        }

        if (entry.InvalidatedAt > 0)
        {
            return new(Verdict.Stale, StaleReason.Invalidated, entry.InvalidatedAt);
        }

        if (!rules.IsOfEpoch(entry.Epoch, view.Epoch))
        {
            return new(Verdict.Stale, StaleReason.Incarnation, view.EpochSince);
        }

        if (!rules.IsTrusted(now, view.TrustedUntil, entry.FetchedAt, TrustTicks))
        {
            return new(Verdict.Stale, StaleReason.ChannelSilent, Math.Max(view.TrustedUntil, entry.FetchedAt + TrustTicks));
        }

        if (now >= entry.FreshUntil)
        {
            return new(Verdict.Stale, StaleReason.Expired, entry.FreshUntil);
        }

        var renewal = now < entry.QuietUntil
            ? RefreshCause.None
            : policy.Renewal(now, entry.LoadedAt, entry.FreshUntil, entry.LoadTicks, surroundings);
        return new(renewal == RefreshCause.None ? Verdict.Fresh : Verdict.FreshButRenew, Renewal: renewal);
    }

    private Floor FloorOver<TValue>(Entry<TValue> entry, PartitionView view)
    {
        // Both figures are read before the table: if a floor rises in between, it is not claimed to have been looked at.
        var newest = view.NewestFloor;
        var known = view.FloorsKnownTo;
        var comparable = entry.Incarnation == view.Incarnation;
        if (comparable && entry.ValidAsOf >= newest)
        {
            return default;
        }

        var floor = rules.FloorAbove(comparable ? entry.ValidAsOf : 0, entry.Scopes, view);
        if (floor.Sequence == 0 && comparable)
        {
            // Not the newest: it may be our own change, with another process's before it still on its way to us.
            entry.ValidAsOf = Math.Max(entry.ValidAsOf, known);
        }

        return floor;
    }
}
