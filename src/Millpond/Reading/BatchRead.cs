using Millpond.Keyspaces;
using Millpond.Loading;

namespace Millpond.Reading;

/// <summary>
/// Reads many keys: each is looked up here; those not served join or begin flights; the flights begun go down the miss road as one trip.
/// </summary>
internal sealed class BatchRead<TKey, TValue>(KeyspaceCore<TKey, TValue> core, ReadRoad<TKey, TValue> road, Departures<TKey, TValue> departures, Arrivals<TKey, TValue> arrivals)
    where TKey : notnull
{
    public async ValueTask<IReadOnlyDictionary<TKey, TValue>> ReadAsync(IReadOnlyCollection<TKey> keys, ReadOptions options, RegionRead<TKey, TValue> region, CancellationToken cancellationToken)
    {
        core.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var limit = core.Policy.Limits.BatchKeysMax;
        if (keys.Count > limit)
        {
            throw new MillpondException(
                ErrorCode.TooMany, $"{keys.Count} keys were asked for in one call of keyspace '{core.Name}', over its BatchKeysMax of {limit}. Ask in several calls, or raise BatchKeysMax.")
            {
                Keyspace = core.Name,
            };
        }

        if (region.Concerns(options))
        {
            return await region.ReadManyAsync(keys, options, cancellationToken).ConfigureAwait(false);
        }

        var found = new Dictionary<TKey, TValue>(keys.Count);
        var beganAt = core.Surroundings.Now;
        if (options.WhenTooStale == WhenTooStale.Refuse)
        {
            foreach (var key in keys)
            {
                Take(found, key, await road.ReadAsync(key, options, null, null, cancellationToken).ConfigureAwait(false));
            }

            return found;
        }

        foreach (var partition in core.Partitions)
        {
            await partition.StartAsync().ConfigureAwait(false);
        }

        var unproven = options.MaxStaleness is null || core.Proof is null ? keys : await TakeProvenAsync(keys, options, beganAt, found).ConfigureAwait(false);
        var waited = departures.BeginMany(Open(unproven, options, beganAt, found), options.NotBefore(beganAt));
        var done = 0;
        try
        {
            for (; done < waited.Count; done++)
            {
                // Without a flight something landed while this read was looking, and after an abandoned one nothing did: either way it is read again, alone.
                var (key, flight, held, created) = waited[done];
                var reading = (flight is null ? null : arrivals.TakeAtOnce(flight, beganAt, !created) ?? await arrivals.WaitAsync(flight, held, beganAt, !created, cancellationToken).ConfigureAwait(false))
                    ?? await road.ReadAsync(key, options, null, null, cancellationToken).ConfigureAwait(false);
                Take(found, key, reading);
            }
        }
        finally
        {
            // The flight that threw was left by its wait; those after it were never waited for.
            foreach (var flight in waited.Skip(done + 1).Select(one => one.Flight).OfType<Flight<TKey, TValue>>())
            {
                arrivals.StoppedWaiting(flight);
            }
        }

        return found;
    }

    /// <summary>Takes what change feeds prove to be within the bound, and tells what is left.</summary>
    private async ValueTask<List<TKey>> TakeProvenAsync(IReadOnlyCollection<TKey> keys, ReadOptions options, long now, Dictionary<TKey, TValue> found)
    {
        var left = new List<TKey>();
        foreach (var key in keys)
        {
            if (await road.TryProvenAsync(key, options, options.NotBefore(now)).ConfigureAwait(false) is { } proven)
            {
                Take(found, key, proven);
            }
            else
            {
                left.Add(key);
            }
        }

        return left;
    }

    /// <summary>What is not served from here.</summary>
    private List<Wanted<TKey, TValue>> Open(IReadOnlyCollection<TKey> keys, ReadOptions options, long now, Dictionary<TKey, TValue> found)
    {
        var notBefore = options.NotBefore(now);
        var open = new List<Wanted<TKey, TValue>>();
        foreach (var key in keys.Distinct())
        {
            var held = road.Look(key, notBefore, now, null, null, out var served);
            if (served is { } reading)
            {
                Take(found, key, reading);
            }
            else if (LoadScope.IsAny && LoadScope.Includes(core, key))
            {
                throw LoadFailures.ReadsItself(core.Name);
            }
            else
            {
                // Named, and so validated, before the first flight is registered: a flight that nobody flies would hang its callers.
                open.Add(new(key, core.NameOf(key), held));
            }
        }

        return open;
    }

    private static void Take(Dictionary<TKey, TValue> found, TKey key, in Reading<TValue> reading)
    {
        if (reading.Found)
        {
            found[key] = reading.Value!;
        }
    }
}
