using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Policies;
using Millpond.Shared;

namespace Millpond.Explaining;

/// <summary>Says where a key stands in both tiers, and why.</summary>
internal sealed class Explainer<TKey, TValue>(KeyspaceCore<TKey, TValue> core, TierLooks<TKey, TValue> looks)
    where TKey : notnull
{
    private static readonly TierExplanation Absent = new() { State = "absent" };

    public async ValueTask<Explanation> ExplainAsync(TKey key, CancellationToken cancellationToken)
    {
        core.ThrowIfDisposed();
        var name = core.NameOf(key);
        var keeper = core.KeeperOf(name);
        await keeper.StartAsync().ConfigureAwait(false);
        var view = keeper.View;
        var now = core.Surroundings.Now;
        var held = looks.Local(key);
        return new Explanation
        {
            Keyspace = core.Name,
            Key = name.Text,
            Local = Describe(held, now),
            Shared = await LookAtSharedAsync(key, name, cancellationToken).ConfigureAwait(false),
            InFlight = core.Flights.Find(key) is not null,
            ChangeWaits = core.Deferred.Covers(name),
            Incarnation = view.Incarnation.ToString(),
            Sequence = view.Sequence,
            NewestFloor = view.NewestFloor,
            ChannelTrusted = now < view.TrustedUntil,
            NextRead = NextRead(held.Judgement, now),
        };
    }

    private async ValueTask<TierExplanation> LookAtSharedAsync(TKey key, SharedKey name, CancellationToken cancellationToken) => core.Tier.Capabilities.HoldsValues
        ? Describe(await looks.SharedAsync(key, name, cancellationToken).ConfigureAwait(false), core.Surroundings.Now)
        : new() { State = "holds no values (it only coordinates)" };

    private static TierExplanation Describe(in TierLook<TValue> look, long now) =>
        look.Trouble is not null ? new() { State = look.Trouble } : look.Entry is null ? Absent : Describe(look.Entry, look.Judgement, now);

    private static TierExplanation Describe(Entry<TValue> entry, in Judgement judgement, long now) => new()
    {
        State = (entry.Kind == RecordKind.Negative ? "negative (the source has no such row), " : "") + judgement.Verdict switch
        {
            Verdict.Fresh => "fresh",
            Verdict.FreshButRenew => "fresh and due for renewal",
            Verdict.Stale => "stale: " + Why(judgement.Reason),
            _ => "of no use any more: " + Why(judgement.Reason),
        },
        Holds = true,
        Stale = judgement.Reason,
        Age = TimeSpan.FromTicks(now - entry.LoadedAt),
        FreshFor = TimeSpan.FromTicks(entry.FreshUntil - now),
        KeptFor = TimeSpan.FromTicks(Math.Min(entry.HardUntil, entry.IdleUntil) - now),
        RenewsIn = TimeSpan.FromTicks(entry.QuietUntil - now),
        Stamp = entry.Stamp,
        ValidAsOf = entry.ValidAsOf,
        Scopes = entry.Scopes,
        SourceVersion = entry.SourceVersion,
        Bytes = entry.Bytes,
    };

    private static string Why(StaleReason reason) => reason switch
    {
        StaleReason.Expired => "its time is over",
        StaleReason.Invalidated => "its key was invalidated",
        StaleReason.ScopeInvalidated => "one of its tags, its tenant or its keyspace was invalidated",
        StaleReason.Incarnation => "the shared tier began another life, or pushes were missed",
        StaleReason.ChannelSilent => "the push channel is silent",
        StaleReason.Doubted => "a change feed missed something that may concern it",
        _ => "no reason",
    };

    private string NextRead(in Judgement judgement, long now) => judgement.Verdict switch
    {
        Verdict.Fresh => "is a local hit",
        Verdict.FreshButRenew => "is a local hit and renews the value aside",
        Verdict.Stale when judgement.MayServe(now, core.Policy) => "is served the stale value while it is renewed aside",
        _ => core.Tier.Capabilities.HoldsValues ? "asks the shared tier, and loads if that has nothing good enough" : "loads from the source",
    };
}
