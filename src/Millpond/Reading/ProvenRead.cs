using Millpond.Feeds.Applying;
using Millpond.Keyspaces;
using Millpond.Policies;

namespace Millpond.Reading;

/// <summary>
/// A read with a bound on staleness, of an entry that was loaded before it: served all the same if the keyspace's change feeds prove that it was current within the bound. Where they do not, because a feed is behind or
/// silent, nothing is different from a keyspace without feeds.
/// </summary>
internal sealed class ProvenRead<TKey, TValue>(KeyspaceCore<TKey, TValue> core)
    where TKey : notnull
{
    public async ValueTask<Reading<TValue>?> TryAsync(FeedProof proof, TKey key, long notBefore)
    {
        if (!core.Local.TryGet(key, out var held) || held.LoadedAt >= notBefore || !await proof.CoversAsync(held.View, notBefore).ConfigureAwait(false))
        {
            return null;
        }

        // Judged after the marks were compared, so that a change under them has been applied by now. Only what is fresh: what is served as stale may be what changed.
        var now = core.Surroundings.Now;
        if (!core.Local.TryGet(key, out held) || core.Judge.Decide(held, held.View, core.Policy, now).Verdict is not (Verdict.Fresh or Verdict.FreshButRenew))
        {
            return null;
        }

        core.Local.Touch(key, now);
        core.Counters.Hit(ReadOrigin.Local, held.Kind == Shared.RecordKind.Negative, stale: false);
        return Arrivals<TKey, TValue>.ToReading(held, ReadOrigin.Local, StaleReason.None, now, coalesced: false);
    }
}
