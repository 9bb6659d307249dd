using Catalog.Database;
using Catalog.Drills;

namespace Catalog.Shop;

/// <summary>
/// What the service offers. Reads go through the keyspaces, or past them while the drill "bypass" is on; writes go to the database
/// and then say what became stale.
/// </summary>
internal sealed class CatalogShop(
    ShopKeyspaces keyspaces, ProductQueries products, CategoryQueries categories, RelatedQueries related,
    SuggestionQueries suggestions, ProductWrites writes, ShopTraffic traffic, DrillBoard drills)
{
    public ValueTask<Product?> ProductAsync(int id, CancellationToken cancellation) =>
        Counted(drills.Bypass.IsOn ? products.FindAsync(id, cancellation) : keyspaces.Products.GetAsync(id, cancellation),
            ProductQueries.QueriesPerRead);

    public ValueTask<CategoryPage?> CategoryAsync(CategoryPageKey key, CancellationToken cancellation) =>
        Counted(drills.Bypass.IsOn ? categories.FindAsync(key, cancellation) : keyspaces.Categories.GetAsync(key, cancellation),
            CategoryQueries.QueriesPerRead);

    public ValueTask<RelatedProducts?> RelatedAsync(int id, CancellationToken cancellation) =>
        Counted(drills.Bypass.IsOn ? related.FindAsync(id, cancellation) : keyspaces.Related.GetAsync(id, cancellation),
            RelatedQueries.QueriesPerRead);

    public ValueTask<Suggestions?> SuggestAsync(string prefix, CancellationToken cancellation) =>
        Counted(drills.Bypass.IsOn ? suggestions.FindAsync(prefix, cancellation) : keyspaces.Suggestions.GetAsync(prefix, cancellation),
            SuggestionQueries.QueriesPerRead);

    /// <summary>
    /// Sets the stock; null if there is no such product. Once it is written, or may have been, what was cached of the product is stale;
    /// when the database was not there, nothing was written and nothing is. Lists show only whether something is in stock, so they
    /// are told only of that.
    /// </summary>
    public async ValueTask<StockChange?> SetStockAsync(int id, int stock, CancellationToken cancellation)
    {
        StockChange? change = null;
        try
        {
            change = await writes.SetStockAsync(id, stock, cancellation);
        }
        catch (Exception failure) when (failure is not DatabaseUnavailableException)
        {
            await keyspaces.Products.InvalidateAsync(id, CancellationToken.None);
            throw;
        }

        if (change is not null)
        {
            await keyspaces.Products.InvalidateAsync(id, cancellation);
        }

        if (change is { AvailabilityChanged: true })
        {
            await keyspaces.Categories.InvalidateTagAsync(ShopKeyspaces.CategoryTag(change.PlatformCode), cancellation);
        }

        return change;
    }

    /// <summary>Nothing found takes one query, a find all of them; one that fails fails at the first.</summary>
    private async ValueTask<T?> Counted<T>(ValueTask<T?> read, int queries)
        where T : class
    {
        int needed = 1;
        try
        {
            T? found = await read;
            needed = found is null ? 1 : queries;
            return found;
        }
        finally
        {
            traffic.CountQueriesWithoutCache(needed);
        }
    }
}
