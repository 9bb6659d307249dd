using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Policies;
using Millpond.Reading;
using Millpond.Shared;

namespace Millpond.Explaining;

/// <summary>What one tier has for a key, judged as the read road judges it.</summary>
/// <param name="Entry">What it has; null if nothing, or nothing that can be read.</param>
/// <param name="Judgement">What may be done with it.</param>
/// <param name="Trouble">Why nothing can be said, in words; null if it can.</param>
internal readonly record struct TierLook<TValue>(Entry<TValue>? Entry, Judgement Judgement, string? Trouble = null);

/// <summary>Looks at a key in a tier with the eyes of the read road. Takes no lease, keeps nothing, counts nothing.</summary>
internal sealed class TierLooks<TKey, TValue>(KeyspaceCore<TKey, TValue> core, EntryMaker<TKey, TValue> maker)
    where TKey : notnull
{
    public TierLook<TValue> Local(TKey key)
    {
        _ = core.Local.TryGet(key, out var held);
        return held is null ? new(null, new Judgement(Verdict.Gone)) : new(held, core.Judge.Decide(held, held.View, core.Policy, core.Surroundings.Now));
    }

    public async ValueTask<TierLook<TValue>> SharedAsync(TKey key, SharedKey name, CancellationToken cancellationToken)
    {
        try
        {
            var view = core.KeeperOf(name).View;
            var askedAt = core.Surroundings.Now;
            var reply = await core.Tier.ReadAsync(name, null, cancellationToken).ConfigureAwait(false);
            if (reply.Record is not { } record)
            {
                return new(null, new Judgement(Verdict.Gone));
            }

            if (record.Kind == RecordKind.Value && !core.Parts.Codec.Reads(record.Codec))
            {
                record.Owner?.Dispose();
                return new(null, default, "holds a record that another codec wrote");
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
            return new(entry, core.Judge.Decide(entry, view, core.Policy, core.Surroundings.Now));
        }
        catch (MillpondException failure)
        {
            return new(null, default, failure.Code == ErrorCode.SharedTierUnavailable ? "did not answer" : "holds a record that cannot be read");
        }
    }
}
