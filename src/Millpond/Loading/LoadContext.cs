namespace Millpond;

/// <summary>What a loader is told.</summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
public readonly record struct LoadContext<TKey, TValue>
{
    /// <summary>What to load.</summary>
    public required TKey Key { get; init; }

    /// <summary>Whether an older value is at hand, so that the loader may answer <see cref="LoadResult.NotModified{TValue}"/>.</summary>
    public bool HasPrevious { get; init; }

    /// <summary>The older value; default without one.</summary>
    public TValue? Previous { get; init; }

    /// <summary>The name the source gave that older state (<see cref="LoadResult{TValue}.Version"/>), if it gave one.</summary>
    public string? PreviousVersion { get; init; }

    /// <summary>The time since the older value's load began.</summary>
    public TimeSpan PreviousAge { get; init; }
}

/// <summary>Loads one key from the source.</summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
/// <param name="context">The key, and the value from before if there is one.</param>
/// <param name="cancellationToken">Cancelled when the load's time is over, when the cache is disposed, and by policy when nobody waits any more.</param>
public delegate ValueTask<LoadResult<TValue>> Loader<TKey, TValue>(LoadContext<TKey, TValue> context, CancellationToken cancellationToken);

/// <summary>Loads many keys from the source at once.</summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
/// <param name="keys">What to load, each key once.</param>
/// <param name="cancellationToken">As for <see cref="Loader{TKey, TValue}"/>.</param>
/// <returns>What was found; a key that is not in it does not exist in the source.</returns>
public delegate ValueTask<IReadOnlyDictionary<TKey, TValue>> BatchLoader<TKey, TValue>(IReadOnlyList<TKey> keys, CancellationToken cancellationToken)
    where TKey : notnull;
