using Millpond;

public sealed record Product(int Id, int CategoryId, string Name, decimal Price, DateTimeOffset? SaleEnds = null);

public sealed record Flag(string Name, bool IsOn);

public abstract class ShopDatabase
{
    public abstract ValueTask<Product?> FindProductAsync(int id, CancellationToken cancellationToken);

    public abstract ValueTask<IReadOnlyDictionary<int, Product>> FindProductsAsync(IReadOnlyList<int> ids, CancellationToken cancellationToken);

    public abstract ValueTask<Flag?> FindFlagAsync(string tenant, string name, CancellationToken cancellationToken);

    public abstract ValueTask<Product> UpdatePriceAsync(int id, decimal price, CancellationToken cancellationToken);

    // A null product deletes the row.
    public abstract ValueTask SaveAsync(int id, Product? product, CancellationToken cancellationToken);

    public abstract IAsyncEnumerable<int> BestSellersAsync(CancellationToken cancellationToken);

    public abstract ValueTask ImportCategoryAsync(int categoryId, CancellationToken cancellationToken);
}

public abstract class SupplierApi
{
    // Status 200 with a product, 304 or 404.
    public abstract ValueTask<(int Status, Product? Product, string? ETag)> GetProductAsync(int id, string? ifNoneMatch, CancellationToken cancellationToken);
}
