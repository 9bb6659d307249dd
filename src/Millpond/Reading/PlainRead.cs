using Millpond.Keyspaces;
using Millpond.Loading;
using Millpond.Local;

namespace Millpond.Reading;

/// <summary>
/// The read of a key of which nothing is held here, by a caller who wants its value and nothing else: it joins or begins the key's flight
/// without a state machine of its own. The road of the ten thousand.
/// </summary>
internal sealed class PlainRead<TKey, TValue>(KeyspaceCore<TKey, TValue> core, Departures<TKey, TValue> departures, Arrivals<TKey, TValue> arrivals)
    where TKey : notnull
{
    /// <summary>
    /// Joins the key's flight at next to no cost, if there is one and this process holds nothing that could be served meanwhile.
    /// </summary>
    public bool TryJoin<TResult, TShape>(TKey key, TierUse use, CancellationToken cancellationToken, out ValueTask<TResult?> wait)
        where TShape : struct, IAnswerShape<TValue, TResult>
    {
        wait = default;
        if (!IsPlain(key, cancellationToken) || core.Flights.Join(key, use) is not { } flight)
        {
            return false;
        }

        core.Counters.Coalesced.Add();
        core.Hot?.Note(key, 1);
        wait = arrivals.WaitPlainly<TResult, TShape>(flight, new(core.Surroundings.Now, coalesced: true), cancellationToken);
        return true;
    }

    /// <summary>Begins the key's flight, or joins it; false if this read is no plain one.</summary>
    public bool TryBegin(TKey key, Loader<TKey, TValue>? loader, EntryOptions? entryOptions, CancellationToken cancellationToken, out ValueTask<TValue?> wait)
    {
        wait = default;
        if (!IsPlain(key, cancellationToken))
        {
            return false;
        }

        var name = core.NameOf(key);
        if (!core.KeeperOf(name).HasStarted)
        {
            return false;
        }

        var now = core.Surroundings.Now;
        var (flight, created) = core.Flights.JoinOrRegister(
            key, long.MinValue, departures.UseOf(loader, entryOptions), null, (Road: departures, name, loader, entryOptions), static (k, s) => s.Road.NewFlight(k, s.name, null, long.MinValue, s.loader, s.entryOptions));
        if (flight is null)
        {
            return false;
        }

        (created ? core.Counters.Misses : core.Counters.Coalesced).Add();
        core.Hot?.Note(key, 1);
        if (created)
        {
            _ = departures.FlyAsync(new Miss<TKey, TValue>([flight]));
        }

        wait = arrivals.WaitPlainly<TValue, AsHeld<TValue>>(flight, new(now, !created), cancellationToken);
        return true;
    }

    /// <summary>Whether a miss of this key has nothing to weigh: nothing held here, no soft time-out, nothing cancelled or disposed, no load around it.</summary>
    private bool IsPlain(TKey key, CancellationToken cancellationToken) =>
        core.Policy.Options.SoftTimeout == TimeSpan.Zero && !cancellationToken.IsCancellationRequested && !core.IsDisposed && core.Local.PlaceOf(key) == SlotPlace.Nowhere
        && !LoadScope.IsAny;
}
