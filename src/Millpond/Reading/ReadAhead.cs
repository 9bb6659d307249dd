using Millpond.Keyspaces;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>
/// Reads keys that nobody has asked for yet, so that they are here when somebody does: on the ordinary road, as one trip, below the priority of all that is wanted, and without a trace in what is counted of callers.
/// A caller who joins one of its flights makes that flight's load his own.
/// </summary>
internal sealed class ReadAhead<TKey, TValue>(KeyspaceCore<TKey, TValue> core, ReadRoad<TKey, TValue> road, Departures<TKey, TValue> departures, Arrivals<TKey, TValue> arrivals)
    where TKey : notnull
{
    /// <summary>Reads keys, each given once. Nothing is thrown but the cancellation, and MP1901.</summary>
    public async ValueTask<AheadRead<TKey>> ReadAsync(IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken)
    {
        core.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var partition in core.Partitions)
        {
            await partition.StartAsync().ConfigureAwait(false);
        }

        var read = new AheadRead<TKey>();
        var awaited = departures.BeginMany(Open(keys, read), long.MinValue, core.Parts.Source);
        var done = 0;
        try
        {
            for (; done < awaited.Count; done++)
            {
                // Without a flight something landed meanwhile, and that is as good.
                read.Add(awaited[done].Key, awaited[done].Flight is { } flight ? await OutcomeOfAsync(flight, cancellationToken).ConfigureAwait(false) : default);
            }
        }
        finally
        {
            foreach (var flight in awaited.Skip(done).Select(one => one.Flight).OfType<Flight<TKey, TValue>>())
            {
                arrivals.StoppedWaiting(flight);
            }
        }

        return read;
    }

    /// <summary>What is not held fresh here. A key that breaks the rules of keys is a figure, and keeps no other from being read.</summary>
    private List<Wanted<TKey, TValue>> Open(IReadOnlyCollection<TKey> keys, AheadRead<TKey> read)
    {
        var open = new List<Wanted<TKey, TValue>>(keys.Count);
        foreach (var key in keys)
        {
            if (road.HasFresh(key, out var held))
            {
                read.Held++;
                continue;
            }

            try
            {
                open.Add(new(key, core.NameOf(key), held));
            }
            catch (Exception fault)
            {
                // Naming may call the user's code, which may throw whatever it likes.
                read.Fail(key, fault);
            }
        }

        return open;
    }

    private async ValueTask<(Answer<TValue>? Answer, Exception? Failure)> OutcomeOfAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        try
        {
            return (await core.Surroundings.WaitAsync(flight.Completion, cancellationToken).ConfigureAwait(false), null);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, failure);
        }
    }
}

/// <summary>What became of some keys that were read ahead of demand.</summary>
internal sealed class AheadRead<TKey>
{
    /// <summary>Those that the guard did not let to the source: that says nothing of them, and they may be read later.</summary>
    public List<TKey> Refused { get; } = [];

    /// <summary>Were here already.</summary>
    public int Held { get; set; }

    /// <summary>The shared tier had them.</summary>
    public int Shared { get; private set; }

    /// <summary>Were loaded from the source.</summary>
    public int Loaded { get; private set; }

    /// <summary>The source does not have them; or there is none, and the shared tier has not.</summary>
    public int Missing { get; private set; }

    /// <summary>Could not be had.</summary>
    public int Failed { get; private set; }

    public void Fail(TKey key, Exception failure)
    {
        if (failure is MillpondException { Code: ErrorCode.SourceBusy or ErrorCode.SourceBroken })
        {
            Refused.Add(key);
        }
        else
        {
            Failed++;
        }
    }

    /// <summary>Counts one key. With neither an answer nor a failure it had come by itself.</summary>
    public void Add<TValue>(TKey key, (Answer<TValue>? Answer, Exception? Failure) outcome)
    {
        switch (outcome)
        {
            case { Failure: { } failure }:
                Fail(key, failure);
                break;
            case { Answer: null }:
                Held++;
                break;
            case { Answer.Origin: ReadOrigin.Fallback }:
                // What stands in for a value is kept nowhere.
                Failed++;
                break;
            case { Answer: { Entry: null or { Kind: RecordKind.Negative } } }:
                Missing++;
                break;
            case { Answer.Origin: ReadOrigin.Shared }:
                Shared++;
                break;
            default:
                Loaded++;
                break;
        }
    }
}
