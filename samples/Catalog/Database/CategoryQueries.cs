namespace Catalog.Database;

/// <summary>Names a category page: the platform's code and the page, from 1.</summary>
internal readonly record struct CategoryPageKey(string Code, int Page);

/// <summary>A platform's totals, an aggregate over all its products, and one page of them, most often released titles first.</summary>
internal sealed class CategoryQueries(CatalogDatabase database)
{
    public const int QueriesPerRead = 2;

    public const int LinesPerPage = 20;

    private const string TotalsSql =
        """
        SELECT platforms.name, count(*), count(DISTINCT publisher_id), sum(stock = 0), min(year), max(year), avg(bytes)
        FROM platforms JOIN products ON products.platform_id = platforms.id
        WHERE platforms.code = $0 GROUP BY platforms.id
        """;

    private static readonly string LinesSql =
        $"""
        SELECT {Columns.LineColumns}
        FROM platforms JOIN products ON products.platform_id = platforms.id
        JOIN titles ON titles.id = products.title_id JOIN publishers ON publishers.id = products.publisher_id
        WHERE platforms.code = $0 ORDER BY titles.releases DESC, products.id LIMIT {LinesPerPage} OFFSET $1
        """;

    /// <summary>The page, or null if there is no such category or no product on this page.</summary>
    public async ValueTask<CategoryPage?> FindAsync(CategoryPageKey key, CancellationToken cancellation)
    {
        List<CategoryPage> totals = await database.QueryAsync(QueryKind.CategoryTotals, TotalsSql, [key.Code], row => new CategoryPage
        {
            Code = key.Code,
            Page = key.Page,
            Name = row.GetString(0),
            Products = row.GetInt32(1),
            Publishers = row.GetInt32(2),
            SoldOut = row.GetInt32(3),
            FirstYear = row.IntOrNull(4),
            LastYear = row.IntOrNull(5),
            BytesMean = row.GetDouble(6),
        }, cancellation);
        if (totals.Count == 0)
        {
            return null;
        }

        List<ProductLine> lines = await database.QueryAsync(
            QueryKind.CategoryLines, LinesSql, [key.Code, (key.Page - 1) * LinesPerPage], Columns.Line, cancellation);
        return lines.Count > 0 ? totals[0] with { Lines = lines } : null;
    }
}
