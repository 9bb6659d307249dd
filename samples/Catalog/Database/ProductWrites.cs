namespace Catalog.Database;

/// <summary>The one thing that changes in this catalogue: how many of a product are on the shelf.</summary>
internal sealed class ProductWrites(CatalogDatabase database)
{
    private const string FindSql =
        "SELECT platforms.code, products.stock FROM products JOIN platforms ON platforms.id = products.platform_id WHERE products.id = $0";

    private const string UpdateSql = "UPDATE products SET stock = $1, revision = revision + 1 WHERE id = $0";

    /// <summary>Sets the stock. Returns what that did, or null if there is no such product.</summary>
    public async ValueTask<StockChange?> SetStockAsync(int id, int stock, CancellationToken cancellation)
    {
        var found = await database.QueryAsync(QueryKind.Write, FindSql, [id],
            static row => (Platform: row.GetString(0), Stock: row.GetInt32(1)), cancellation);
        if (found.Count == 0)
        {
            return null;
        }

        await database.WriteAsync(UpdateSql, [id, stock], cancellation);
        return new StockChange(id, found[0].Platform, stock, found[0].Stock > 0 != stock > 0);
    }
}
