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

    public Flight<TKey, TValue> NewFlight(TKey key, SharedKey name, Entry<TValue>? held, long notBefore, Loader<TKey, TValue>? loader, EntryOptions? options, RefreshCause renewal = RefreshCause.None)
    {
        core.Spread?.Count(name.Partition.Index);
        return new(key, name, core.KeeperOf(name).View, core.Surroundings.Now, arrivals.Waiting)
        {
            NotBefore = notBefore,
            Fallback = held,
            Loader = loader,
            Options = options,
            Renewal = renewal,
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
