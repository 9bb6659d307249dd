using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Policies;
using Millpond.Reading;
using Millpond.Shared;

namespace Millpond.Explaining;

/// <summary>Looks at a key in both tiers with the eyes of the read road and says what it sees. Takes no lease, keeps nothing, counts nothing.</summary>
internal sealed class Explainer<TKey, TValue>(KeyspaceCore<TKey, TValue> core, EntryMaker<TKey, TValue> maker)
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
        _ = core.Local.TryGet(key, out var held);
        var judgement = held is null ? new Judgement(Verdict.Gone) : core.Judge.Decide(held, view, core.Policy, now);
        var local = held is null ? Absent : Describe(held, judgement, now);
        return new Explanation
        {
            Keyspace = core.Name,
            Key = name.Text,
            Local = local,
            Shared = await LookAtSharedAsync(key, name, keeper.View, cancellationToken).ConfigureAwait(false),
            InFlight = core.Flights.Find(key) is not null,
            ChangeWaits = core.Deferred.Covers(name),
            Incarnation = view.Incarnation.ToString(),
            Sequence = view.Sequence,
            NewestFloor = view.NewestFloor,
            ChannelTrusted = now < view.TrustedUntil,
            NextRead = NextRead(judgement, now),
        };
    }

    private async ValueTask<TierExplanation> LookAtSharedAsync(TKey key, SharedKey name, Partitions.PartitionView view, CancellationToken cancellationToken)
    {
        if (!core.Tier.Capabilities.HoldsValues)
        {
            return new() { State = "holds no values (it only coordinates)" };
        }

        try
        {
            var askedAt = core.Surroundings.Now;
            var reply = await core.Tier.ReadAsync(name, null, cancellationToken).ConfigureAwait(false);
            if (reply.Record is not { } record)
            {
                return Absent;
            }

            if (record.Kind == RecordKind.Value && !core.Parts.Codec.Reads(record.Codec))
            {
                record.Owner?.Dispose();
                return new() { State = "holds a record that another codec wrote" };
            }

            var entry = maker.FromRecord(key, record, null, new Provenance
            {
                View = view,
                LoadedAt = askedAt - reply.Age.Ticks,
                FetchedAt = askedAt,
                Stamp = record.Stamp,
                ValidAsOf = record.Incarnation == reply.State.Incarnation ? record.Stamp : 0,
                Incarnation = record.Incarnation,
                Epoch = record.Incarnation == view.Incarnation ? view.Epoch : 0,
                Origin = ReadOrigin.Shared,
            });
            record.Owner?.Dispose();
            entry.InvalidatedAt = reply.IsInvalidated ? Math.Max(1, askedAt - reply.InvalidatedFor.Ticks) : 0;
            var now = core.Surroundings.Now;
            return Describe(entry, core.Judge.Decide(entry, view, core.Policy, now), now);
        }
        catch (MillpondException failure)
        {
            return new() { State = failure.Code == ErrorCode.SharedTierUnavailable ? "did not answer" : "holds a record that cannot be read" };
        }
    }

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
