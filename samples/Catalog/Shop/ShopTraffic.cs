namespace Catalog.Shop;

/// <summary>
/// What arrived over HTTP, and what the same requests would have sent to the database had there been no cache: one count per
/// query that answering from the database takes, made where the request is answered.
/// </summary>
internal sealed class ShopTraffic
{
    private long _requests;
    private long _failures;
    private long _queriesWithoutCache;

    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Requests that got no answer because the database gave none.</summary>
    public long Failures => Volatile.Read(ref _failures);

    public long QueriesWithoutCache => Volatile.Read(ref _queriesWithoutCache);

    public void CountRequest() => Interlocked.Increment(ref _requests);

    public void CountFailure() => Interlocked.Increment(ref _failures);

    public void CountQueriesWithoutCache(int queries) => Interlocked.Add(ref _queriesWithoutCache, queries);
}
