using Microsoft.Data.Sqlite;

namespace Catalog.Database;

/// <summary>A product with everything its page shows: a join over five tables, and its parts.</summary>
internal sealed class ProductQueries(CatalogDatabase database)
{
    /// <summary>What one read costs the database: the page counts with it what would have been sent without a cache.</summary>
    public const int QueriesPerRead = 2;

    /// <summary>A title on forty disks is a list, not a page.</summary>
    private const int PartsMax = 12;

    private const string ProductSql =
        """
        SELECT products.id, products.name, titles.name, titles.releases, platforms.code, platforms.name, publishers.name,
               products.year, products.serial, products.released, products.other_name, products.developer, products.usage,
               products.parent_id, parents.name, products.bytes, products.stock, products.revision
        FROM products
        JOIN titles ON titles.id = products.title_id
        JOIN platforms ON platforms.id = products.platform_id
        JOIN publishers ON publishers.id = products.publisher_id
        LEFT JOIN products AS parents ON parents.id = products.parent_id
        WHERE products.id = $0
        """;

    private static readonly string PartsSql =
        $"SELECT label, medium, files, bytes FROM parts WHERE product_id = $0 ORDER BY position LIMIT {PartsMax}";

    /// <summary>The product, or null if there is none of this id.</summary>
    public async ValueTask<Product?> FindAsync(int id, CancellationToken cancellation)
    {
        List<Product> found = await database.QueryAsync(QueryKind.Product, ProductSql, [id], Read, cancellation);
        if (found.Count == 0)
        {
            return null;
        }

        List<Part> parts = await database.QueryAsync(QueryKind.Parts, PartsSql, [id],
            static row => new Part(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3)), cancellation);
        return found[0] with { Parts = parts };
    }

    private static Product Read(SqliteDataReader row) => new()
    {
        Id = row.GetInt32(0),
        Name = row.GetString(1),
        Title = row.GetString(2),
        Releases = row.GetInt32(3),
        PlatformCode = row.GetString(4),
        Platform = row.GetString(5),
        Publisher = row.GetString(6),
        Year = row.IntOrNull(7),
        Serial = row.TextOrNull(8),
        Released = row.TextOrNull(9),
        OtherName = row.TextOrNull(10),
        Developer = row.TextOrNull(11),
        Usage = row.TextOrNull(12),
        VariantOf = row.IntOrNull(13),
        VariantOfName = row.TextOrNull(14),
        Bytes = row.GetInt64(15),
        Stock = row.GetInt32(16),
        Revision = row.GetInt32(17),
    };
}
