using Millpond.Keyspaces;
using Millpond.Local;

namespace Millpond.Reading;

/// <summary>What can keep a read from its value, in words.</summary>
internal static class LoadFailures
{
    public static MillpondException Threw(string keyspace, Exception failure) =>
        new(ErrorCode.LoadFailed,
            $"The loader of keyspace '{keyspace}' threw {failure.GetType().Name}, and there is no stale value that may be served. "
            + "See the inner exception; set StaleIfError to ride out a failing source.", failure)
        {
            Keyspace = keyspace,
        };

    /// <summary>Ends the flights of a load that failed.</summary>
    public static void End<TKey, TValue>(KeyspaceCore<TKey, TValue> core, Miss<TKey, TValue> miss, Exception thrown, long beganAt)
        where TKey : notnull
    {
        var outcome = thrown is MillpondException ? thrown : Threw(core.Name, thrown);
        foreach (var flight in miss.Flights)
        {
            flight.EndLoad(new(default, outcome, beganAt, core.Surroundings.Now - beganAt));
        }
    }

    public static MillpondException TimedOut(string keyspace, TimeSpan limit) =>
        new(ErrorCode.LoadTimedOut,
            $"A load of keyspace '{keyspace}' did not finish within its LoadTimeout of {limit.TotalSeconds:0.###} s (waiting for a place at the source included), "
            + "and there is no stale value that may be served. Find out why the source is slow, pass the loader's cancellation token on, or raise LoadTimeout.")
        {
            Keyspace = keyspace,
        };

    public static MillpondException TooStale(string keyspace, TimeSpan? accepted) =>
        new(ErrorCode.TooStale,
            $"Keyspace '{keyspace}' has only a value older than the {accepted?.TotalSeconds:0.###} s this read accepts, and the read asked to be refused then. "
            + "Accept an older value, or let the read revalidate.")
        {
            Keyspace = keyspace,
        };

    public static MillpondException NoLoader(string keyspace) =>
        new(ErrorCode.NoLoader,
            $"Keyspace '{keyspace}' has no loader and was asked for a load. Declare one with Load(...), pass one to GetOrLoadAsync, or set values before reading them.")
        {
            Keyspace = keyspace,
        };

    public static MillpondException ReadsItself(string keyspace) =>
        new(ErrorCode.LoadReadsItself,
            $"A loader of keyspace '{keyspace}' reads the key that it loads, directly or through other loaders, and would wait for itself. "
            + "Read the source in the loader, or read another key.")
        {
            Keyspace = keyspace,
        };

    /// <summary>A function that was declared with the keyspace and is called for every value.</summary>
    public static MillpondException FunctionThrew(string keyspace, string function, Exception failure) =>
        new(ErrorCode.LoadFailed,
            $"The {function} function of keyspace '{keyspace}' threw {failure.GetType().Name}, so its value was not kept. See the inner exception; the function must "
            + "bear every value that is loaded or set.", failure)
        {
            Keyspace = keyspace,
        };

    /// <summary>Turns not-modified into the value it stands for, and lets the caller's own options win over the loader's silence.</summary>
    public static LoadResult<TValue> Resolve<TValue>(string keyspace, LoadResult<TValue> result, Entry<TValue>? previous, EntryOptions? options)
    {
        if (result.Kind == LoadResultKind.NotModified)
        {
            if (previous is not { Kind: Shared.RecordKind.Value })
            {
                throw new MillpondException(
                    ErrorCode.LoaderAnswer,
                    $"The loader of keyspace '{keyspace}' answered not-modified, but there was no previous value. Answer so only where the context's HasPrevious is true.")
                {
                    Keyspace = keyspace,
                };
            }

            result = result with { Kind = LoadResultKind.Found, Value = previous.Value, Version = result.Version ?? previous.SourceVersion };
        }

        if (result.Kind == LoadResultKind.Found && result.Value is null)
        {
            result = result with { Kind = LoadResultKind.NotFound };
        }

        return options is null ? result : result with
        {
            TimeToLive = result.TimeToLive ?? options.TimeToLive,
            Tags = options.Tags is null ? result.Tags : [.. result.Tags ?? [], .. options.Tags],
        };
    }
}
