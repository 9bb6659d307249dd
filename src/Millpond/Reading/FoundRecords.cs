using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Policies;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>What becomes of a flight that has found a record in the shared tier.</summary>
internal sealed class FoundRecords<TKey, TValue>(KeyspaceCore<TKey, TValue> core)
    where TKey : notnull
{
    /// <summary>Whether the record ends the flight. If not, it may still be what is served if the load fails, or at once while the load goes on.</summary>
    public bool Use(Flight<TKey, TValue> flight, Entry<TValue> entry, in ReadReply reply)
    {
        var now = core.Surroundings.Now;
        var provenAsOf = entry.ValidAsOf;
        var judgement = core.Judge.Decide(entry, flight.View, core.Policy, now);
        // The judge may have proven more, up to what is known by now; that holds for entries that changes of their key have found here, which this one is not yet.
        entry.ValidAsOf = provenAsOf;
        var recent = entry.LoadedAt >= flight.NotBefore;
        if (Suffices(flight, entry, judgement) && recent)
        {
            if (judgement.Verdict is Verdict.Fresh or Verdict.FreshButRenew)
            {
                // Its floors have just been compared with everything up to the reply's sequence, and its key had not changed by then.
                entry.ValidAsOf = Math.Max(entry.ValidAsOf, reply.State.Sequence);
            }

            core.Flights.Land(flight, entry);
            if (flight.IsDemanded)
            {
                core.Counters.Hit(ReadOrigin.Shared, entry.Kind == RecordKind.Negative, judgement.Reason != StaleReason.None);
            }

            flight.Answer(new(entry, ReadOrigin.Shared, judgement.Reason));
            flight.Standing = Standing.Ended;
            return true;
        }

        flight.MetOlder |= judgement.Verdict != Verdict.Gone;
        if (judgement.Verdict != Verdict.Gone && recent)
        {
            flight.Fallback = flight.Fallback is { } held && held.LoadedAt > entry.LoadedAt ? held : entry;
            if (!flight.IsRenewal && judgement.MayServe(now, core.Policy))
            {
                flight.Answer(new(entry, ReadOrigin.Shared, judgement.Reason));
            }
        }

        return false;
    }

    private bool Suffices(Flight<TKey, TValue> flight, Entry<TValue> entry, in Judgement judgement)
    {
        if (!flight.CanLoad)
        {
            // Where there is no source, the shared tier is where it lives: a doubt about our channel is no doubt about it. A caller who merely does not want a load
            // is another matter: what an old snapshot brought back is not what the source has.
            var livesHere = core.Parts.Loader is null && core.Parts.BatchLoader is null;
            return judgement.Verdict is Verdict.Fresh or Verdict.FreshButRenew
                || (livesHere && judgement is { Verdict: Verdict.Stale, Reason: StaleReason.ChannelSilent or StaleReason.Incarnation });
        }

        return flight.IsRenewal
            ? judgement.Verdict == Verdict.Fresh && (entry.FilledMark != flight.Fallback?.FilledMark || IsDoubted(flight))
            : judgement.Verdict is Verdict.Fresh or Verdict.FreshButRenew;
    }

    /// <summary>Whether what is held is renewed only because nothing proves it any more. The shared tier's word on the same fill is that proof, so a channel
    /// that broke costs the source nothing.</summary>
    private bool IsDoubted(Flight<TKey, TValue> flight) =>
        flight.Fallback is { } held
        && core.Judge.Decide(held, flight.View, core.Policy, core.Surroundings.Now) is { Verdict: Verdict.Stale, Reason: StaleReason.Incarnation or StaleReason.ChannelSilent };
}
