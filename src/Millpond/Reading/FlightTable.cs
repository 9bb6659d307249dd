using Millpond.Events;
using Millpond.Local;
using Millpond.Partitions;
using Millpond.Policies;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>
/// The flights of one keyspace, and the fence between what they bring and what changes.
/// </summary>
/// <remarks>
/// <para>
/// Every key belongs to a stripe. Under its stripe's lock happen: joining or starting a flight, keeping what a flight brought in the local tier, and
/// applying a change (mark the flight, take it off the table, drop the entry). So either the change comes first, and the flight finds its mark and
/// keeps nothing; or the flight comes first, and the change drops what it kept. No third order exists (A34). Hits take no stripe.
/// </para>
/// <para>
/// A flight that a change has marked leaves the table at once: readers who come after the change must not wait for a value from before it. Off the table it
/// hears of no later change, so whatever takes a flight off before it has landed also marks it for good: it answers its callers and keeps nothing here. One that is paused has
/// asked nobody yet; it is marked, because what it may fall back on is older than the change, and stays: what it brings will be younger. A
/// key has more than one flight at a time only for callers with different wishes; a change marks all of them.
/// </para>
/// </remarks>
internal sealed class FlightTable<TKey, TValue>(LocalTier<TKey, TValue> local, ProtocolRules rules, long trustTicks, Func<long> now)
    where TKey : notnull
{
    // A stripe is held for well under a microsecond; 64 keep two threads apart in all but one of 64 cases.
    private const int StripeCount = 64;

    private readonly FlightStripe<TKey, TValue>[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new FlightStripe<TKey, TValue>())];

    public int Count => All().Count;

    /// <summary>Joins a flight of the key that serves these wishes, began after every floor known now, and can have missed no change since; else registers the one that
    /// <paramref name="create"/> makes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="notBefore">What the caller's value must not have been loaded before.</param>
    /// <param name="use">What the caller may use.</param>
    /// <param name="seen">What the caller found held here. If it is something else by now, a flight has landed in between, and another one would load twice.</param>
    /// <param name="state">Handed to <paramref name="create"/>.</param>
    /// <param name="create">Makes a flight; called under the stripe.</param>
    /// <returns>The flight, and whether this call made it (and so must fly it); no flight if the caller must look again.</returns>
    public (Flight<TKey, TValue>? Flight, bool Created) JoinOrRegister<TState>(
        TKey key, long notBefore, TierUse use, Entry<TValue>? seen, TState state, Func<TKey, TState, Flight<TKey, TValue>> create)
    {
        var stripe = StripeOf(key);
        lock (stripe)
        {
            if (JoinNeedsStripe(stripe, key, notBefore, use) is { } flying)
            {
                return (flying, false);
            }

            if (use.Has(TierUse.LocalRead) && local.PlaceOf(key) != (seen?.Place ?? SlotPlace.Nowhere))
            {
                return (null, false);
            }

            var flight = create(key, state);
            flight.JoinNeedsStripe();
            stripe.AddNeedsStripe(flight);
            return (flight, true);
        }
    }

    /// <summary>Joins a flight of the key as <see cref="JoinOrRegister"/> does, for a caller whom any value satisfies; null if there is none.</summary>
    public Flight<TKey, TValue>? Join(TKey key, TierUse use)
    {
        var stripe = StripeOf(key);
        lock (stripe)
        {
            return JoinNeedsStripe(stripe, key, long.MinValue, use);
        }
    }

    public Flight<TKey, TValue>? Find(TKey key)
    {
        lock (StripeOf(key))
        {
            return StripeOf(key).Flights.GetValueOrDefault(key);
        }
    }

    /// <summary>Counts a caller out who stopped waiting; true if it was the last, and then the flight has left the table.</summary>
    public bool Leave(Flight<TKey, TValue> flight)
    {
        var stripe = StripeOf(flight.Key);
        lock (stripe)
        {
            var last = flight.LeaveNeedsStripe();
            if (last)
            {
                flight.KeepNothingNeedsStripe();
                stripe.RemoveNeedsStripe(flight);
            }

            return last;
        }
    }

    /// <summary>Ends a flight: keeps its entry locally if nothing speaks against it, and takes it off the table.</summary>
    public void Land(Flight<TKey, TValue> flight, Entry<TValue>? keep)
    {
        var stripe = StripeOf(flight.Key);
        lock (stripe)
        {
            if (keep is { IsForKeeping: true } && flight.Use.Has(TierUse.LocalWrite) && rules.MayKeepLocally(keep.ValidAsOf, flight.Mark.In(keep.Incarnation), keep.Epoch, flight.View))
            {
                local.Set(flight.Key, keep);
            }

            stripe.RemoveNeedsStripe(flight);
        }
    }

    /// <summary>Registers a write that will want to keep its value, so that a change heard meanwhile can speak against it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="now">The time.</param>
    /// <param name="forgottenAfter">In ticks: marks older than this belong to tickets that nobody disposed, and go. Past the lease no store is accepted anyway.</param>
    public WriteMark<TKey> BeginWrite(TKey key, long now, long forgottenAfter)
    {
        var mark = new WriteMark<TKey>(key, now);
        var stripe = StripeOf(key);
        lock (stripe)
        {
            stripe.Writes.RemoveAll(write => now - write.BeganAt > forgottenAfter);
            stripe.Writes.Add(mark);
        }

        return mark;
    }

    /// <summary>Ends a write: keeps its entry locally if nothing heard since its beginning speaks against it.</summary>
    public void EndWrite(WriteMark<TKey> mark, Entry<TValue>? keep, PartitionView view)
    {
        var stripe = StripeOf(mark.Key);
        lock (stripe)
        {
            if (stripe.Writes.Remove(mark) && keep is { IsForKeeping: true } && rules.MayKeepLocally(keep.ValidAsOf, mark.Mark.In(keep.Incarnation), keep.Epoch, view))
            {
                local.Set(mark.Key, keep);
            }
        }
    }

    /// <summary>Whether a change of its key was heard during the flight that an older value does not know of. Such a value is no stand-in for what failed to load:
    /// the change took it off the local tier, and the flight alone still has it.</summary>
    public bool IsOutdated(Flight<TKey, TValue> flight, Entry<TValue> older)
    {
        lock (StripeOf(flight.Key))
        {
            return older.InvalidatedAt == 0 && rules.Touches(flight.Mark.In(older.Incarnation), older.ValidAsOf);
        }
    }

    /// <summary>Drops a held entry that is of no use any more.</summary>
    public void Drop(TKey key, Entry<TValue> entry, EvictionCause cause)
    {
        lock (StripeOf(key))
        {
            local.Remove(key, entry, cause);
        }
    }

    /// <summary>Marks every flight and takes it off the table: something changed that concerns any of them.</summary>
    public void FenceAll()
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe)
            {
                foreach (var flight in stripe.AllNeedsStripe())
                {
                    flight.KeepNothingNeedsStripe();
                }

                stripe.ClearNeedsStripe();
            }
        }
    }

    /// <summary>Every flight now under way; for ending them all.</summary>
    public IReadOnlyList<Flight<TKey, TValue>> All()
    {
        var all = new List<Flight<TKey, TValue>>();
        foreach (var stripe in _stripes)
        {
            lock (stripe)
            {
                all.AddRange(stripe.AllNeedsStripe());
            }
        }

        return all;
    }

    /// <summary>Applies a change of one key. What belongs to another incarnation cannot be compared with its number, so it is touched.</summary>
    /// <param name="key">The key.</param>
    /// <param name="sequence">The change's number, or <see cref="long.MaxValue"/> if it has none yet.</param>
    /// <param name="incarnation">The life that the number belongs to.</param>
    /// <param name="after">What becomes of the value.</param>
    /// <param name="since">Since when the value may have been stale.</param>
    public void Fence(TKey key, long sequence, Incarnation incarnation, AfterInvalidation after, long since)
    {
        var stripe = StripeOf(key);
        lock (stripe)
        {
            foreach (var write in stripe.Writes)
            {
                if (EqualityComparer<TKey>.Default.Equals(write.Key, key))
                {
                    write.Mark = write.Mark.With(sequence, incarnation);
                }
            }

            for (var flight = stripe.Flights.GetValueOrDefault(key); flight is not null; flight = flight.Beside)
            {
                flight.MarkNeedsStripe(sequence, incarnation);
                if (!flight.IsPaused && (!flight.Lease.IsHeld || flight.Lease.State.Incarnation != incarnation || rules.Touches(sequence, flight.Lease.State.Sequence)))
                {
                    flight.KeepNothingNeedsStripe();
                    stripe.RemoveNeedsStripe(flight);
                }
            }

            if (local.TryGet(key, out var entry) && (entry.Incarnation != incarnation || rules.Touches(sequence, entry.ValidAsOf)))
            {
                if (after == AfterInvalidation.Stale)
                {
                    local.MarkInvalidated(key, since);
                }
                else
                {
                    local.Remove(key, EvictionCause.Invalidated);
                }
            }
        }
    }

    private Flight<TKey, TValue>? JoinNeedsStripe(FlightStripe<TKey, TValue> stripe, TKey key, long notBefore, TierUse use)
    {
        for (var flying = stripe.Flights.GetValueOrDefault(key); flying is not null; flying = flying.Beside)
        {
            if (flying.Serves(notBefore, use) && MayJoin(flying))
            {
                flying.JoinNeedsStripe();
                flying.Urgency?.Raise();
                return flying;
            }
        }

        return null;
    }

    /// <summary>A process that slept finds its flights where it left them, their values as old as that (A41); silence is trusted for them no longer than for entries.</summary>
    private bool MayJoin(Flight<TKey, TValue> flight) =>
        rules.MayJoin(flight.Epoch, flight.FloorAtStart, flight.View) && rules.IsTrusted(now(), flight.View.TrustedUntil, flight.StartedAt, trustTicks);

    private FlightStripe<TKey, TValue> StripeOf(TKey key) => _stripes[(uint)key.GetHashCode() % StripeCount];
}
