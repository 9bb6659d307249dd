using Millpond.Local;
using Millpond.Partitions;
using Millpond.Runtime;

namespace Millpond.Policies;

/// <summary>
/// The freshness decision, the same for an entry held here and a record just read from the shared tier. A plain hit is not judged: it passes <see cref="Lineage.IsPlain"/>, which
/// says yes only where this would say fresh.
/// </summary>
internal sealed class Judge(ProtocolRules rules, Surroundings surroundings, long trustTicks)
{
    /// <summary>How long silence is no news, in ticks; <see cref="long.MaxValue"/> where pushes cannot be lost.</summary>
    public long TrustTicks { get; } = trustTicks;

    public Judgement Decide<TValue>(Entry<TValue> entry, PartitionView view, Policy policy, long now)
    {
        if (now >= entry.HardUntil || now >= entry.IdleUntil)
        {
            return new(Verdict.Gone, StaleReason.Expired, entry.FreshUntil);
        }

        // The first reason names the verdict; the earliest says since when, because a second reason makes nothing fresh again.
        var reason = StaleReason.None;
        var since = long.MaxValue;
        if (FloorOver(entry, view) is { Sequence: > 0 } floor)
        {
            if (policy.Options.AfterInvalidation == Shared.AfterInvalidation.Gone)
            {
                return new(Verdict.Gone, StaleReason.ScopeInvalidated, floor.LearntAt);
            }

            Add(StaleReason.ScopeInvalidated, floor.LearntAt);
        }

        if (DoubtOver(entry, view) is { Sequence: > 0 } doubt)
        {
            Add(StaleReason.Doubted, doubt.LearntAt);
        }

        if (entry.InvalidatedAt > 0)
        {
            Add(StaleReason.Invalidated, entry.InvalidatedAt);
        }

        if (!rules.IsOfEpoch(entry.Epoch, view.Epoch))
        {
            if (IsGoneWithEpoch(entry, view, policy, out var endedAt))
            {
                return new(Verdict.Gone, StaleReason.Incarnation, endedAt);
            }

            Add(StaleReason.Incarnation, endedAt);
        }
        else if (!rules.IsTrusted(now, view.TrustedUntil, entry.FetchedAt, TrustTicks))
        {
            Add(StaleReason.ChannelSilent, Math.Max(view.TrustedUntil, entry.FetchedAt + TrustTicks));
        }

        if (now >= entry.FreshUntil)
        {
            Add(StaleReason.Expired, entry.FreshUntil);
        }

        if (reason != StaleReason.None)
        {
            return new(Verdict.Stale, reason, since);
        }

        var renewal = now < entry.QuietUntil
            ? RefreshCause.None
            : policy.Renewal(now, entry.LoadedAt, entry.FreshUntil, entry.LoadTicks, surroundings);
        return new(renewal == RefreshCause.None ? Verdict.Fresh : Verdict.FreshButRenew, Renewal: renewal);

        void Add(StaleReason why, long at)
        {
            reason = reason == StaleReason.None ? why : reason;
            since = Math.Min(since, at);
        }
    }

    /// <summary>
    /// Whether an entry of another epoch may not even be served as stale, and since when it is stale. An entry held here has heard of every change of its key, but the
    /// floors over it went with its epoch. A record that another life of the shared tier brought back may have been changed long ago, so no stale window covers it
    /// (A23, A27); where there is no source to load from it is still what there is.
    /// </summary>
    private static bool IsGoneWithEpoch<TValue>(Entry<TValue> entry, PartitionView view, Policy policy, out long endedAt)
    {
        endedAt = entry.Epoch == 0 ? Floor.LongAgo : view.EpochSince;
        if (entry.Epoch == 0)
        {
            return false;
        }

        var isGone = true;
        foreach (var ended in view.EndedSince(entry.Epoch))
        {
            isGone = false;
            endedAt = Math.Min(endedAt, ended.EndedAt);
            var floor = ended.Floors.FirstAbove(entry.Incarnation == ended.Incarnation ? entry.ValidAsOf : 0, entry.Scopes);
            if (floor.Sequence > 0 && policy.Options.AfterInvalidation == Shared.AfterInvalidation.Gone)
            {
                return true;
            }

            endedAt = floor.Sequence > 0 ? Math.Min(endedAt, floor.LearntAt) : endedAt;
        }

        return isGone;
    }

    /// <summary>A doubt leaves what it concerns as stale, so it is no reason to be gone.</summary>
    private static Floor DoubtOver<TValue>(Entry<TValue> entry, PartitionView view) =>
        entry.Incarnation == view.Incarnation && entry.ValidAsOf >= view.KeyspaceFloor ? default : view.Floors.DoubtAbove(entry.Incarnation == view.Incarnation ? entry.ValidAsOf : 0);

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
        if (floor.Sequence == 0 && comparable && entry.Epoch == view.Epoch && DoubtOver(entry, view).Sequence == 0)
        {
            // Not the newest: it may be our own change, with another process's before it still on its way to us.
            entry.ValidAsOf = Math.Max(entry.ValidAsOf, known);
        }

        return floor;
    }
}
