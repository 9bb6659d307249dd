using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Policies;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>Where flights begin: it makes them and sends them down the miss road, for callers and for renewals.</summary>
internal sealed class Departures<TKey, TValue>(KeyspaceCore<TKey, TValue> core, MissStage<TKey, TValue> missRoad, Arrivals<TKey, TValue> arrivals)
    where TKey : notnull
{
    /// <summary>What a call may use that wants what the tiers have, and no load.</summary>
    public const TierUse Look = TierUse.All & ~TierUse.Source;

    public Flight<TKey, TValue> NewFlight(TKey key, SharedKey name, Entry<TValue>? held, long notBefore, Loader<TKey, TValue>? loader, EntryOptions? options, RefreshCause renewal = RefreshCause.None, Loading.LoadUrgency? urgency = null)
    {
        core.Spread?.Count(name.Partition.Index);
        return new(key, name, core.KeeperOf(name).View, core.Surroundings.Now, arrivals.Waiting)
        {
            NotBefore = notBefore,
            Fallback = held,
            Loader = loader,
            Options = options,
            Renewal = renewal,
            Urgency = urgency,
            Use = UseOf(loader, options) & ~TierUse.LocalRead,
            IsPaused = core.Hot is { } hot && hot.TakeTurn(key) > TimeSpan.Zero,
        };
    }

    /// <summary>What such a call may use: all that it says, but no source where there is no loader.</summary>
    public TierUse UseOf(Loader<TKey, TValue>? loader, EntryOptions? options)
    {
        var use = options?.Use ?? TierUse.All;
        return loader is not null || core.Parts.Loader is not null || core.Parts.BatchLoader is not null ? use : use & ~TierUse.Source;
    }

    /// <summary>A flight that only looks: it joins no table, takes no lease, loads nothing and keeps nothing.</summary>
    public Flight<TKey, TValue> NewLook(TKey key, SharedKey name, long notBefore, long now)
    {
        var look = new Flight<TKey, TValue>(key, name, core.KeeperOf(name).View, now, arrivals.Waiting)
        {
            NotBefore = notBefore,
            Use = Look & ~TierUse.LocalRead,
        };
        look.KeepNothingNeedsStripe(); // Nobody else has seen it yet.
        return look;
    }

    /// <summary>Sends flights down the miss road. Never throws, and leaves no flight without an end.</summary>
    public async Task FlyAsync(Miss<TKey, TValue> miss)
    {
        try
        {
            await missRoad.RunAsync(miss, core.Lifetime).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            foreach (var flight in miss.Flights)
            {
                core.Flights.Land(flight, null);
                flight.Fail(core.IsDisposed ? core.Disposed() : failure);
            }
        }
    }

    /// <summary>Has each of some keys join or begin a flight, and sends off those begun as one trip.</summary>
    /// <param name="keys">Each once.</param>
    /// <param name="notBefore">What their values must not have been loaded before.</param>
    /// <param name="ahead">The guard that they are to pass behind all demand; null where callers wait.</param>
    public List<Awaited<TKey, TValue>> BeginMany(List<Wanted<TKey, TValue>> keys, long notBefore, Loading.SourceGuard? ahead = null)
    {
        var awaited = new List<Awaited<TKey, TValue>>(keys.Count);
        foreach (var (key, name, held) in keys)
        {
            var (flight, created) = core.Flights.JoinOrRegister(
                key, notBefore, UseOf(null, null), held, (Road: this, name, held, notBefore, urgency: ahead is null ? null : new Loading.LoadUrgency(ahead)),
                static (k, s) => s.Road.NewFlight(k, s.name, s.held, s.notBefore, null, null, urgency: s.urgency));
            if (flight is not null && ahead is null)
            {
                (created ? core.Counters.Misses : core.Counters.Coalesced).Add();
                core.Hot?.Note(key, 1);
            }

            awaited.Add(new(key, flight, held, created));
        }

        Flight<TKey, TValue>[] begun = [.. awaited.Where(one => one.Created).Select(one => one.Flight!)];
        if (begun.Length > 0)
        {
            _ = FlyAsync(new Miss<TKey, TValue>(begun));
        }

        return awaited;
    }

    /// <summary>Renews an entry aside, unless a flight for its key is under way already.</summary>
    public void Renew(TKey key, Entry<TValue> entry, Loader<TKey, TValue>? loader, EntryOptions? options, RefreshCause cause)
    {
        var use = UseOf(loader, options);
        if (!use.Has(TierUse.Source) || core.IsDisposed || core.Flights.Find(key) is not null)
        {
            return;
        }

        // Named before the stripe is taken, because naming may call the user's code.
        var name = core.NameOf(key);

        // Joined once and never left: the renewal itself is what waits for it, so it is never abandoned.
        var (flight, created) = core.Flights.JoinOrRegister(
            key, long.MinValue, use, entry, (Road: this, name, entry, loader, options, cause),
            static (k, s) => s.Road.NewFlight(k, s.name, s.entry, long.MinValue, s.loader, s.options, s.cause));
        if (flight is not null && created)
        {
            core.Counters.Renewed(cause);
            core.Surroundings.RunAside(() => FlyAsync(new Miss<TKey, TValue>([flight])));
        }
    }
}

/// <summary>A key that is not served from here.</summary>
/// <param name="Key">The key.</param>
/// <param name="Name">Its name in the shared tier.</param>
/// <param name="Held">What is held of it all the same.</param>
internal readonly record struct Wanted<TKey, TValue>(TKey Key, Shared.SharedKey Name, Entry<TValue>? Held);

/// <summary>A key and the flight that brings it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Flight">The flight; none if something landed while it was looked for.</param>
/// <param name="Held">What was held of it before.</param>
/// <param name="Created">Whether it was begun for this key's sake, not joined.</param>
internal readonly record struct Awaited<TKey, TValue>(TKey Key, Flight<TKey, TValue>? Flight, Entry<TValue>? Held, bool Created)
    where TKey : notnull;
