using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Loading;

namespace Millpond.Reading;

/// <summary>Fifth stage: parts a trip into the loads it needs. With a batch loader that is one; without, one for each flight.</summary>
internal sealed class PartLoads<TKey, TValue>(KeyspaceCore<TKey, TValue> core) : MissStage<TKey, TValue>
    where TKey : notnull
{
    public override ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        if (miss.Flights.Count == 1 || (core.Parts.BatchLoader is not null && miss.Flights.All(flight => flight.Loader is null)))
        {
            return Next.RunAsync(miss, cancellationToken);
        }

        return new ValueTask(Task.WhenAll(miss.Flights.Select(flight => Next.RunAsync(new Miss<TKey, TValue>([flight]), cancellationToken).AsTask())));
    }
}

/// <summary>
/// Sixth stage: gives up on a load that takes too long or that nobody waits for any more. It tells the loader by its token and goes on without it; what the
/// loader brings afterwards is not heard.
/// </summary>
internal sealed class Deadline<TKey, TValue>(KeyspaceCore<TKey, TValue> core) : MissStage<TKey, TValue>
    where TKey : notnull
{
    public override async ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        var limit = core.Policy.Options.LoadTimeout;
        var timeout = new CancellationTokenSource(limit, core.Surroundings.Time);
        var source = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);

        // A load for many is not cancelled for one of them.
        if (miss.Flights.Count == 1 && !miss.Flights[0].BeginLoad(source))
        {
            DisposeAfter(Task.CompletedTask, timeout, source);
            miss.Flights[0].EndLoad(new(default, new AbandonedException(), 0, 0));
            return;
        }

        var load = Next.RunAsync(miss, source.Token).AsTask();
        try
        {
            await core.Surroundings.WaitAsync(load, source.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            var failure = cancellationToken.IsCancellationRequested ? core.Disposed()
                : timeout.IsCancellationRequested ? LoadFailures.TimedOut(core.Name, limit)
                : (Exception)new AbandonedException();
            foreach (var flight in miss.Flights)
            {
                flight.EndLoad(new(default, failure, 0, 0));
            }

            if (failure is MillpondException { Code: ErrorCode.LoadTimedOut } late)
            {
                if (miss.Place is { } place)
                {
                    core.Parts.Source.IsLate(place);
                }

                core.Listener.On(new LoadGivenUp(core.Name, late));
            }
        }
        finally
        {
            DisposeAfter(load, timeout, source);
        }
    }

    /// <summary>A loader that was given up still looks at its token, so the sources live until it ends.</summary>
    private static void DisposeAfter(Task load, CancellationTokenSource timeout, CancellationTokenSource source)
    {
        if (load.IsCompleted)
        {
            source.Dispose();
            timeout.Dispose();
            return;
        }

        load.ContinueWith(
            static (_, state) =>
            {
                var (first, second) = ((CancellationTokenSource, CancellationTokenSource))state!;
                first.Dispose();
                second.Dispose();
            },
            (source, timeout),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}

/// <summary>A load was cancelled because nobody waited for it. Seen only by a caller who joined in that very moment, and who then begins anew.</summary>
internal sealed class AbandonedException() : OperationCanceledException("The load was abandoned: nobody waited for it any more.");

/// <summary>Last stage: calls the loader. Everything it throws becomes the flight's outcome.</summary>
internal sealed class Load<TKey, TValue>(KeyspaceCore<TKey, TValue> core) : MissStage<TKey, TValue>
    where TKey : notnull
{
    public override async ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        var flights = miss.Flights;
        core.Counters.Loads.Add();
        var begun = core.Listener.OnLoadBegins(new LoadBegins(core.Name, flights.Count, flights[0].Renewal));
        var beganAt = core.Surroundings.Now;
        Exception? failure = null;
        var found = 0;
        new Scope(core, flights).Enter();
        try
        {
            found = flights.Count == 1
                ? await LoadOneAsync(flights[0], beganAt, cancellationToken).ConfigureAwait(false)
                : await LoadManyAsync(flights, beganAt, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled) when (cancellationToken.IsCancellationRequested)
        {
            // The stage that cancelled it knows why, and says so.
            core.Listener.OnLoadEnded(new LoadEnded(core.Name, flights.Count, 0, core.Surroundings.Now - beganAt, cancelled, Cancelled: true), begun);
            throw;
        }
        catch (Exception thrown)
        {
            failure = thrown;
            if (IsTransient(thrown))
            {
                miss.Transient = thrown;
            }
            else
            {
                LoadFailures.End(core, miss, thrown, beganAt);
            }
        }

        core.Listener.OnLoadEnded(new LoadEnded(core.Name, flights.Count, found, core.Surroundings.Now - beganAt, failure, cancellationToken.IsCancellationRequested), begun);
    }

    /// <summary>Whether the keyspace's own function says so; one that throws itself says no.</summary>
    private bool IsTransient(Exception thrown)
    {
        try
        {
            return thrown is not MillpondException && core.Parts.IsTransient is { } isTransient && isTransient(thrown);
        }
        catch (Exception)
        {
            return false;
        }
    }

    private async ValueTask<int> LoadOneAsync(Flight<TKey, TValue> flight, long beganAt, CancellationToken cancellationToken)
    {
        LoadResult<TValue> result;
        if ((flight.Loader ?? core.Parts.Loader) is { } loader)
        {
            result = await loader(ContextOf(flight), cancellationToken).ConfigureAwait(false);
        }
        else if (core.Parts.BatchLoader is { } batch)
        {
            var many = await batch([flight.Key], cancellationToken).ConfigureAwait(false);
            result = ResultOf(many, flight.Key);
        }
        else
        {
            throw LoadFailures.NoLoader(core.Name);
        }

        flight.EndLoad(new(result, null, beganAt, core.Surroundings.Now - beganAt));
        return result.Kind == LoadResultKind.NotFound ? 0 : 1;
    }

    private async ValueTask<int> LoadManyAsync(IReadOnlyList<Flight<TKey, TValue>> flights, long beganAt, CancellationToken cancellationToken)
    {
        var many = await core.Parts.BatchLoader!([.. flights.Select(flight => flight.Key)], cancellationToken).ConfigureAwait(false);
        var took = core.Surroundings.Now - beganAt;
        var found = 0;
        foreach (var flight in flights)
        {
            var result = ResultOf(many, flight.Key);
            found += result.Kind == LoadResultKind.Found ? 1 : 0;
            flight.EndLoad(new(result, null, beganAt, took));
        }

        return found;
    }

    private LoadResult<TValue> ResultOf(IReadOnlyDictionary<TKey, TValue>? many, TKey key)
    {
        if (many is null)
        {
            throw new MillpondException(
                ErrorCode.LoaderAnswer,
                $"The batch loader of keyspace '{core.Name}' returned null. Return a dictionary; keys that the source does not have are simply not in it.")
            {
                Keyspace = core.Name,
            };
        }

        return many.TryGetValue(key, out var value) ? LoadResult.From(value) : LoadResult.NotFound<TValue>();
    }

    private sealed class Scope(KeyspaceCore<TKey, TValue> core, IReadOnlyList<Flight<TKey, TValue>> flights) : LoadScope(core.Parts.Source)
    {
        public override bool IsUnderWay => flights.Any(flight => flight.Outcome is null);

        protected override bool Loads(object keyspace, object key) => ReferenceEquals(keyspace, core)
            && flights.Any(flight => flight.Outcome is null && EqualityComparer<TKey>.Default.Equals(flight.Key, (TKey)key));
    }

    private LoadContext<TKey, TValue> ContextOf(Flight<TKey, TValue> flight)
    {
        var previous = flight.Fallback is { Kind: Shared.RecordKind.Value } held ? held : null;
        return new()
        {
            Key = flight.Key,
            HasPrevious = previous is not null,
            Previous = previous is null ? default : previous.Value,
            PreviousVersion = previous?.SourceVersion,
            PreviousAge = previous is null ? TimeSpan.Zero : TimeSpan.FromTicks(core.Surroundings.Now - previous.LoadedAt),
        };
    }
}
