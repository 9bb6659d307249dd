namespace Millpond;

/// <summary>
/// A cache: the keyspaces that were declared, and one for ad-hoc use with string keys and values of any type. Injected; a named cache as a keyed service
/// under its name.
/// </summary>
public interface ICache
{
    /// <summary>The cache's name; <c>default</c> for the unnamed one.</summary>
    string Name { get; }

    /// <summary>Gets a value, or loads and keeps it. However many callers ask for a missing key at once, one of them loads.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="key">The key; 1 to 250 bytes of UTF-8 without control characters.</param>
    /// <param name="loader">Reads the source; null means there is no such thing, and is kept for a shorter time.</param>
    /// <param name="options">What this entry has other than the keyspace <c>adhoc</c>.</param>
    /// <param name="cancellationToken">Ends this caller's wait; a load that others wait for goes on.</param>
    /// <returns>The value, or default if the source has none.</returns>
    /// <exception cref="MillpondException">MP1101, MP1102: the key; MP1203: the key holds a value of another type; MP1301 to MP1303: the load failed.</exception>
    ValueTask<T?> GetOrLoadAsync<T>(string key, Func<CancellationToken, ValueTask<T?>> loader, EntryOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Gets a value if a tier has it.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<T?> GetAsync<T>(string key, CancellationToken cancellationToken = default);

    /// <summary>Stores a value; the last one to arrive wins.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; not null.</param>
    /// <param name="options">What this entry has other than the keyspace <c>adhoc</c>.</param>
    /// <param name="cancellationToken">Ends this caller's wait; the store goes on.</param>
    ValueTask SetAsync<T>(string key, T value, EntryOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Says that a key's value is stale as of now.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends this caller's wait; the change goes on.</param>
    ValueTask InvalidateAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Says that every ad-hoc entry with the tag is stale as of now.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="cancellationToken">Ends this caller's wait; the change goes on.</param>
    ValueTask InvalidateTagAsync(string tag, CancellationToken cancellationToken = default);

    /// <summary>Adds to a counter that all processes share, and returns its new value.</summary>
    /// <param name="counter">Its name; counters and entries do not meet.</param>
    /// <param name="delta">What to add.</param>
    /// <param name="timeToLive">How long it lives, counted from its first increment; null for ever.</param>
    /// <param name="cancellationToken">Ends the wait; the outcome is then unknown.</param>
    /// <exception cref="Shared.SharedTierException">The shared tier did not answer; whether it counted is unknown.</exception>
    ValueTask<long> IncrementAsync(string counter, long delta = 1, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default);

    /// <summary>What the cache has counted so far, and how it stands now. Allocates; meant for pages and tools, not for each request.</summary>
    CacheStatistics Statistics();

    /// <summary>The declared keyspace of this name.</summary>
    /// <typeparam name="TKey">Its key type.</typeparam>
    /// <typeparam name="TValue">Its value type.</typeparam>
    /// <param name="name">Its name.</param>
    /// <exception cref="MillpondException">MP1002: there is none, or it has other types.</exception>
    IKeyspace<TKey, TValue> Keyspace<TKey, TValue>(string name)
        where TKey : notnull;
}
