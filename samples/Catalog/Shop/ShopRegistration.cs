using Catalog.Database;
using Catalog.Drills;
using Millpond;
using Millpond.Redis;

namespace Catalog.Shop;

/// <summary>Declares the four keyspaces: this is all that the sample tells Millpond.</summary>
internal static class ShopRegistration
{
    /// <summary>The hot set, but not all that it drifts through: so that the page has something to say of what goes, and how old it was.</summary>
    private const long LocalBytesMax = 20L << 20;

    /// <summary>More than the memory holds, so that it is full at once, and no more: the page should begin where the last run ended.</summary>
    private const int WarmKeysMax = 25_000;

    private const string Source = "catalogue";

    private static readonly TimeSpan WarmTimeMax = TimeSpan.FromSeconds(20);

    /// <summary>Puts what is cached on an engine that all instances share. Without one there is nothing to say: it stays in this process.</summary>
    public static void UseEngine(MillpondBuilder cache, string? engine)
    {
        if (engine is not null)
        {
            cache.UseRedis(engine).UseSharedTier(services =>
                new SwitchedTier(services.GetRequiredKeyedService<RedisSharedTier>(cache.Name), services.GetRequiredService<TierSwitch>()));
        }
    }

    public static IServiceCollection AddShopKeyspaces(this IServiceCollection services, string database, int instance, Action<MillpondBuilder> sharedTier)
    {
        services.AddMillpond(cache => sharedTier(PageViews.Declare(cache, database, instance)
            .Configure(Limit)
            .Configure(options => options.SnapshotFolder = WarmStart.FolderOf(database, instance))
            .AddSqliteFeed("catalogue", database)
            .AddKeyspace<int, Product>("product", Products)
            .AddKeyspace<CategoryPageKey, CategoryPage>("category", Categories)
            .AddKeyspace<int, RelatedProducts>("related", Related)
            .AddKeyspace<string, Suggestions>("suggestions", Suggest)));
        services.AddHealthChecks().AddCheck<MillpondReadyCheck>("warm", tags: [WarmStart.Ready]);
        return services.AddSingleton<ShopKeyspaces>();
    }

    /// <summary>
    /// The database bears as many loads as its pool has connections. When it is slow, a short queue waits for a place and whatever comes
    /// beyond is refused at once, so that requests for what is cached do not queue up behind those that are not.
    /// </summary>
    private static void Limit(MillpondOptions options)
    {
        options.LocalBytesMax = LocalBytesMax;
        options.Sources[Source] = new SourceLimits { ConcurrentLoadsMax = CatalogDatabase.ConnectionsMax - 8, WaitingLoadsMax = 64 };
    }

    /// <summary>
    /// Writes invalidate what they change, and whatever else writes to the table is heard by the feed, so the time to live only bounds what nobody thought of. Shortly before its end a hit starts one
    /// renewal aside; past it, a hit is still served while that goes on, and for an hour if the database is down.
    /// </summary>
    private static void Products(KeyspaceBuilder<int, Product> keyspace) => keyspace
        .Policy(policy =>
        {
            policy.TimeToLive = TimeSpan.FromMinutes(10);
            policy.StaleWhileRevalidate = TimeSpan.FromMinutes(5);
            policy.StaleIfError = TimeSpan.FromHours(1);
            policy.NegativeTimeToLive = TimeSpan.FromMinutes(1);
            policy.RefreshAhead = 0.9;
        })
        .Source(Source)
        .Load<ProductQueries>(static (queries, id, cancellation) => queries.FindAsync(id, cancellation))
        .Tags(static (_, product) => [ShopKeyspaces.CategoryTag(product.PlatformCode)])
        .WarmUp(LastRun)
        .ChangedBy("products", "id");

    /// <summary>The slowest query of all, so the likelihood of an early renewal grows as the end comes near.</summary>
    private static void Categories(KeyspaceBuilder<CategoryPageKey, CategoryPage> keyspace) => keyspace
        .Policy(policy =>
        {
            policy.TimeToLive = TimeSpan.FromMinutes(1);
            policy.StaleWhileRevalidate = TimeSpan.FromMinutes(1);
            policy.StaleIfError = TimeSpan.FromMinutes(10);
            policy.EarlyRefresh = 1;
        })
        .Source(Source)
        .Load<CategoryQueries>(static (queries, key, cancellation) => queries.FindAsync(key, cancellation))
        .Tags(static (key, _) => [ShopKeyspaces.CategoryTag(key.Code)])
        .WarmUp(LastRun);

    /// <summary>What belongs together never changes here; whether it is in stock may be ten minutes old.</summary>
    private static void Related(KeyspaceBuilder<int, RelatedProducts> keyspace) => keyspace
        .Policy(policy =>
        {
            policy.TimeToLive = TimeSpan.FromMinutes(10);
            policy.StaleIfError = TimeSpan.FromHours(1);
        })
        .Source(Source)
        .Load<RelatedQueries>(static (queries, id, cancellation) => queries.FindAsync(id, cancellation))
        .WarmUp(LastRun);

    /// <summary>Most of what people type begins no title, and is remembered as such.</summary>
    private static void Suggest(KeyspaceBuilder<string, Suggestions> keyspace) => keyspace
        .Policy(policy =>
        {
            policy.TimeToLive = TimeSpan.FromMinutes(10);
            policy.StaleIfError = TimeSpan.FromHours(1);
            policy.NegativeTimeToLive = TimeSpan.FromMinutes(2);
        })
        .Source(Source)
        .Load<SuggestionQueries>(static (queries, prefix, cancellation) => queries.FindAsync(prefix, cancellation))
        .WarmUp(LastRun);

    /// <summary>What the last run held: stop the program, start it again, and it is warm before the load begins.</summary>
    private static void LastRun<TKey>(WarmUpBuilder<TKey> warmUp)
        where TKey : notnull =>
        warmUp.MostReadInLastRun().HeldInLastRun().Within(bounds => (bounds.KeysMax, bounds.TimeMax) = (WarmKeysMax, WarmTimeMax));
}
