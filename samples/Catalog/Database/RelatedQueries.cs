namespace Catalog.Database;

/// <summary>The same title elsewhere: other platforms first, then other releases for the same one.</summary>
internal sealed class RelatedQueries(CatalogDatabase database)
{
    public const int QueriesPerRead = 1;

    private const int LinesMax = 12;

    private static readonly string Sql =
        $"""
        SELECT {Columns.LineColumns}
        FROM products AS this JOIN products ON products.title_id = this.title_id AND products.id <> this.id
        JOIN titles ON titles.id = products.title_id JOIN platforms ON platforms.id = products.platform_id
        JOIN publishers ON publishers.id = products.publisher_id
        WHERE this.id = $0 AND titles.releases > 0
        ORDER BY products.platform_id = this.platform_id, products.year IS NULL, products.year, products.id LIMIT {LinesMax}
        """;

    /// <summary>Never null: a product that does not exist has no relatives.</summary>
    public async ValueTask<RelatedProducts?> FindAsync(int id, CancellationToken cancellation) =>
        new RelatedProducts(id, await database.QueryAsync(QueryKind.Related, Sql, [id], Columns.Line, cancellation));
}
