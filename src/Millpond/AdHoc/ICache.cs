using System.Threading.RateLimiting;
using Millpond.Shared;

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

    /// <summary>Says that keys, tags or all of a keyspace are stale as of now, for callers from outside who know the keyspace by name and its keys as text: endpoints and commands. Returns when the shared tier has been told and has
    /// told the others, or is known to be away; <see cref="PurgeResult.IsTold"/> says which. Code that has the keyspace invalidates there.</summary>
    /// <param name="purge">What is stale. All of it is made so, or, if it is refused, nothing.</param>
    /// <param name="cancellationToken">Ends this caller's wait; the change goes on.</param>
    /// <exception cref="PurgeException">MP1105: a text is no key of the keyspace, or the purge names nothing, or a tenant is missing or too many.</exception>
    /// <exception cref="MillpondException">MP1002: there is no such keyspace; MP1101, MP1102: a tag or the tenant; MP1104: more than <see cref="Purge.NamesMax"/> names.</exception>
    ValueTask<PurgeResult> PurgeAsync(Purge purge, CancellationToken cancellationToken = default);

    /// <summary>Adds to a counter that all processes share, and returns its new value.</summary>
    /// <param name="counter">Its name; counters and entries do not meet.</param>
    /// <param name="delta">What to add.</param>
    /// <param name="timeToLive">How long it lives, counted from its first increment; null for ever.</param>
    /// <param name="cancellationToken">Ends the wait; the outcome is then unknown.</param>
    /// <exception cref="SharedTierException">The shared tier did not answer; whether it counted is unknown.</exception>
    ValueTask<long> IncrementAsync(string counter, long delta = 1, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default);

    /// <summary>Adds to a counter within a limit, and says how long it still lives. With a time to live it is a window: so many in each minute.</summary>
    /// <param name="counter">Its name; counters and entries do not meet.</param>
    /// <param name="ask">What to add, the most that the sum may be, and how long a counter lives that this begins.</param>
    /// <param name="cancellationToken">Ends the wait; the outcome is then unknown.</param>
    /// <exception cref="SharedTierException">The shared tier did not answer; whether it counted is unknown.</exception>
    ValueTask<CounterReply> CountAsync(string counter, CounterAsk ask, CancellationToken cancellationToken = default);

    /// <summary>Takes a lock among all processes on the shared tier. Nothing in Millpond needs one; see <see cref="CacheLock"/> for what it can and cannot do.</summary>
    /// <param name="name">Its name; 1 to 250 bytes of UTF-8. Locks meet neither entries nor counters.</param>
    /// <param name="time">How long it is held unless it is given back or extended; up to a day.</param>
    /// <param name="patience">How long to wait for whoever holds it; zero, the default, to try once.</param>
    /// <param name="cancellationToken">Ends the wait; a lock that was granted meanwhile ends with its time.</param>
    /// <returns>The lock, to be disposed; null if somebody else held it all the time.</returns>
    /// <exception cref="SharedTierException">The shared tier did not answer.</exception>
    ValueTask<CacheLock?> TryLockAsync(string name, TimeSpan time, TimeSpan patience = default, CancellationToken cancellationToken = default);

    /// <summary>A limiter of so many permits in each window, for all processes together; ASP.NET Core takes it for its rate limiting. While the shared tier is away, each process grants as
    /// many on its own. Asking takes a round trip, so only <see cref="System.Threading.RateLimiting.RateLimiter.AcquireAsync"/> ever grants.</summary>
    /// <param name="name">Its name; limiters of one name share their permits.</param>
    /// <param name="permits">How many in a window; at least 1.</param>
    /// <param name="window">How long a window is, counted from its first permit; up to a day.</param>
    RateLimiter RateLimiter(string name, int permits, TimeSpan window);

    /// <summary>What the cache has counted so far, and how it stands now. Allocates; meant for pages and tools, not for each request.</summary>
    CacheStatistics Statistics();

    /// <summary>The keys of all keyspaces that this process reads most at present, most read first. Allocates; meant for pages and tools.</summary>
    /// <param name="keysMax">The most to tell of; at least 1.</param>
    IReadOnlyList<HotKeyText> HotKeys(int keysMax = 20);

    /// <summary>The write-behind of a keyspace, or of merged counters: how it stands, and what its source refused.</summary>
    /// <param name="name">The name of the keyspace or of the counters.</param>
    /// <exception cref="MillpondException">MP1002: there is none, or it does not write behind.</exception>
    IWriteBehind WriteBehind(string name);

    /// <summary>The declared keyspace of this name.</summary>
    /// <typeparam name="TKey">Its key type.</typeparam>
    /// <typeparam name="TValue">Its value type.</typeparam>
    /// <param name="name">Its name.</param>
    /// <exception cref="MillpondException">MP1002: there is none, or it has other types.</exception>
    IKeyspace<TKey, TValue> Keyspace<TKey, TValue>(string name)
        where TKey : notnull;
}
