namespace Millpond;

/// <summary>
/// A named, versioned family of entries of one type with one policy and one loader. Declared once with
/// <c>AddKeyspace</c> and injected; where two keyspaces have the same types, as a keyed service under its name.
/// </summary>
/// <remarks>
/// Values are shared between callers and must not be changed by them. Every method may throw MP1101 or MP1102 for a key that breaks the rules
/// of keys, and MP1901 after disposal. A failing shared tier is never thrown.
/// </remarks>
/// <typeparam name="TKey">The key's type; becomes text only on the way to the shared tier.</typeparam>
/// <typeparam name="TValue">The value's type.</typeparam>
public interface IKeyspace<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The keyspace's name as declared.</summary>
    string Name { get; }

    /// <summary>The version of its entries. Another version does not see them, and leaves them to age out.</summary>
    int Version { get; }

    /// <summary>Gets a value, loading it if need be. Completes synchronously and without allocation when this process holds it fresh.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends this caller's wait; a load that others wait for goes on.</param>
    /// <returns>The value, or default if the source has none. Without a loader: default if no tier has it.</returns>
    /// <exception cref="MillpondException">MP1301 to MP1303 and MP1305: the load failed and no stale value may be served.</exception>
    ValueTask<TValue?> GetAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Gets a value and tells where it came from, how old it is and whether it is stale.</summary>
    /// <param name="key">The key.</param>
    /// <param name="options">What this read wants other than the policy.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    /// <exception cref="MillpondException">As for <see cref="GetAsync"/>, and MP1306 if refused as too stale; of a session's read MP1604 if the region has not come so far, and MP1605 if nobody knows how far it has come.</exception>
    ValueTask<Reading<TValue>> ReadAsync(TKey key, ReadOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>Gets many values: those held here, then one round to the shared tier, then one batch load for what is missing.</summary>
    /// <param name="keys">The keys; repeated ones count once.</param>
    /// <param name="options">What this read wants other than the policy.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    /// <returns>The values found; keys that the source does not have are not in it.</returns>
    /// <exception cref="MillpondException">As for <see cref="ReadAsync"/>; MP1104 past the limit of keys in one call.</exception>
    ValueTask<IReadOnlyDictionary<TKey, TValue>> GetManyAsync(IReadOnlyCollection<TKey> keys, ReadOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>Gets a value as <see cref="GetAsync"/> does, with this loader in place of the keyspace's own.</summary>
    /// <param name="key">The key.</param>
    /// <param name="loader">Loads the value. If another load of the key is under way, its result is used and this loader is not called.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    ValueTask<TValue?> GetOrLoadAsync(TKey key, Loader<TKey, TValue> loader, CancellationToken cancellationToken = default);

    /// <summary>Looks into this process's local tier only. True if it holds the value and it is fresh.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    bool TryPeek(TKey key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TValue value);

    /// <summary>
    /// Stores a value that the caller vouches for. The last one to arrive wins, so this is for values whose source of truth is the cache itself. On a
    /// keyspace with a loader it is refused unless declared with <c>AllowUnorderedSets</c>; use <see cref="BeginWriteAsync"/>.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; not null.</param>
    /// <param name="options">What this entry has other than the keyspace.</param>
    /// <param name="cancellationToken">Ends this caller's wait; the store goes on.</param>
    /// <exception cref="MillpondException">MP1401: refused as said; MP1201: over the value limit.</exception>
    ValueTask SetAsync(TKey key, TValue value, EntryOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a ticket for a write of the source. Take it before the commit; after the commit, set the new value on it or dispose it, which
    /// invalidates the key. Of two overlapping writers only the one that began last may store its value, so no older value is left behind.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<WriteTicket<TValue>> BeginWriteAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes a value to the source by the keyspace's writer, and keeps it. Loads that began before are not kept, and of two writers of one key only the one that began last may leave
    /// its value. A shared tier that is away never fails a write.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; not null.</param>
    /// <param name="options">What this entry has other than the keyspace.</param>
    /// <param name="cancellationToken">Cancels the writer. Before it began nothing was written; afterwards the outcome is unknown, and the key is invalidated.</param>
    /// <returns>Whether it was written, and the value as the source has it now.</returns>
    /// <exception cref="MillpondException">MP1402: no writer is declared; MP1403, MP1404: it threw or was late, so the outcome is unknown. The key is then invalidated, and once more when the
    /// source has settled (<see cref="KeyspacePolicy.WriteSettleTime"/>).</exception>
    ValueTask<WriteResult<TValue>> WriteAsync(TKey key, TValue value, EntryOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Deletes a key's row from the source by the keyspace's writer, and invalidates the key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">As for <see cref="WriteAsync"/>.</param>
    /// <returns>Whether it was written.</returns>
    /// <exception cref="MillpondException">As for <see cref="WriteAsync"/>.</exception>
    ValueTask<WriteResult<TValue>> DeleteAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Tells a session that a key was written, so that none of its reads, in whichever process and region, shows what was before. Call it after the commit.</summary>
    /// <param name="key">The key.</param>
    /// <param name="session">The session.</param>
    /// <param name="position">Where the home database stood after the commit; null to ask it now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MillpondException">MP1605: no change feed of this keyspace knows the home database, or it did not answer.</exception>
    ValueTask NoteWriteAsync(TKey key, Session session, HomePosition? position = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Says that the key's value is stale as of now. When this returns, no read that begins afterwards in this process returns a value from
    /// before (unless the policy's <see cref="KeyspacePolicy.AfterInvalidation"/> is stale), and other processes are being told. If the shared tier
    /// cannot be told now, it is told as soon as it answers again.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends this caller's wait. The change is made whether or not it is cancelled, before the call or during it: what it
    /// tells of has happened.</param>
    ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Invalidates many keys in one round.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="cancellationToken">As for <see cref="InvalidateAsync"/>.</param>
    ValueTask InvalidateManyAsync(IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken = default);

    /// <summary>Invalidates every entry that carries the tag, in one step however many there are.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="cancellationToken">As for <see cref="InvalidateAsync"/>.</param>
    ValueTask InvalidateTagAsync(string tag, CancellationToken cancellationToken = default);

    /// <summary>Invalidates every entry of this keyspace (in a tenant's keyspace: of this tenant), in one step.</summary>
    /// <param name="cancellationToken">As for <see cref="InvalidateAsync"/>.</param>
    ValueTask InvalidateAllAsync(CancellationToken cancellationToken = default);

    /// <summary>The keys that this process reads most at present, most read first: at most <see cref="HotKeyOptions.TrackedKeysMax"/>, and none where that is 0. In a tenant's keyspace those
    /// of this tenant, with their shares of all tenants' reads. Allocates; meant for pages and tools.</summary>
    IReadOnlyList<HotKey<TKey>> HotKeys();

    /// <summary>Explains one key: where it is, how old, why stale or missing, under which stamp, when it refreshes. Reads both tiers and
    /// changes nothing, but that a sliding time in the shared tier starts anew.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Explanation> ExplainAsync(TKey key, CancellationToken cancellationToken = default);
}
