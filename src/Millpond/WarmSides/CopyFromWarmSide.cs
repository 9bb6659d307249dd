using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Reading;
using Millpond.Shared;

namespace Millpond.WarmSides;

/// <summary>
/// In the chain only where a warm side is declared, between the lease and the source: what the cold shared tier does not have is copied from a warm one. A49 is what that could do wrong: a change is made in the cold side and has not come to
/// the warm one, and what is copied is older than the change.
/// </summary>
/// <remarks>
/// <para>
/// A copy is stored as a load is, under the lease that the flight holds, so a change made after the lease was granted ends it (rule 3). Before it: this process must have heard every change up to the one that the lease was granted at
/// (its view's sequence has come that far), without a break for as long as the hold-off, and among those of the hold-off there must be none of the key, of the keyspace or of a scope that the copy carries. So whatever is copied was not changed
/// for as long as the hold-off when the warm side was asked; the hold-off is longer than a change takes to come to the warm side, which is what its owner promises by setting it.
/// </para>
/// <para>
/// Copies keep their age, and so their freshness ends as it would have there. Nothing is copied where an older value is at hand: what the warm side has might be older still. Whatever does not come to a copy goes on to the source.
/// </para>
/// </remarks>
internal sealed class CopyFromWarmSide<TKey, TValue>(KeyspaceCore<TKey, TValue> core, WarmSide warm, RecentChanges recent) : MissStage<TKey, TValue>
    where TKey : notnull
{
    public override async ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        var asked = new List<(Flight<TKey, TValue> Flight, SharedKey Name)>();
        foreach (var flight in miss.Flights)
        {
            if (MayCopy(flight) && warm.NameOf(core.Parts.FullName, flight.SharedKey.Text) is { } name)
            {
                asked.Add((flight, name));
            }
        }

        if (asked.Count > 0)
        {
            await CopyAsync(asked, cancellationToken).ConfigureAwait(false);
        }

        Flight<TKey, TValue>[] left = [.. miss.Flights.Where(flight => flight.Outcome is null)];
        if (left.Length > 0)
        {
            await Next.RunAsync(left.Length == miss.Flights.Count ? miss : new(left), cancellationToken).ConfigureAwait(false);
        }
    }

    private bool MayCopy(Flight<TKey, TValue> flight)
    {
        var view = flight.View;
        var now = core.Surroundings.Now;
        return flight is { IsRenewal: false, Fallback: null, Lease.IsHeld: true }
            && flight.Lease.State.Incarnation == view.Incarnation && flight.Epoch == view.Epoch && view.Sequence >= flight.Lease.State.Sequence
            && core.Rules.MayCopy(now, view.EpochSince, warm.HoldOff) && core.Rules.MayCopy(now, recent.KeyChangedAt(flight.SharedKey.Text), warm.HoldOff);
    }

    private async ValueTask CopyAsync(List<(Flight<TKey, TValue> Flight, SharedKey Name)> asked, CancellationToken cancellationToken)
    {
        try
        {
            var askedAt = core.Surroundings.Now;
            var replies = await warm.ReadAsync([.. asked.Select(one => one.Name)], cancellationToken).ConfigureAwait(false);
            for (var n = 0; n < asked.Count; n++)
            {
                var (flight, name) = asked[n];
                if (replies[n].Record is { } record)
                {
                    using var ended = record.Owner;
                    if (await OutcomeOfAsync(flight, name, record, replies[n], askedAt, cancellationToken).ConfigureAwait(false) is { } outcome && flight.EndLoad(outcome))
                    {
                        core.Counters.Copied.Add();
                    }
                }
            }
        }
        catch (SharedTierException failure)
        {
            core.Listener.On(new SharedTierFailed(core.Name, "read warm side", failure));
        }
    }

    private async ValueTask<LoadOutcome<TValue>?> OutcomeOfAsync(
        Flight<TKey, TValue> flight, SharedKey name, SharedRecord record, ReadReply reply, long askedAt, CancellationToken cancellationToken)
    {
        var now = core.Surroundings.Now;
        var loadedAt = core.Rules.LoadedAt(askedAt, now, reply.Age);
        if (record.Kind != RecordKind.Value || !core.Parts.Codec.Reads(record.Codec) || now >= loadedAt + record.TimeToLive.Ticks || loadedAt < flight.NotBefore
            || record.Scopes.Any(scope => !core.Rules.MayCopy(now, recent.ScopeChangedAt(scope), warm.HoldOff))
            || !await warm.IsValidThereAsync(name, record, reply, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        try
        {
            var value = core.Parts.Codec.Decode(record.Codec, record.Payload, core.Policy.Limits.ValueBytesMax);
            var result = LoadResult.From(value) with { TimeToLive = record.TimeToLive, Version = record.SourceVersion };
            return new(result, null, loadedAt, record.LoadTime.Ticks) { Scopes = [.. record.Scopes] };
        }
        catch (MillpondException failure)
        {
            core.Listener.On(new RecordUnreadable(core.Name, failure));
            return null;
        }
    }
}
