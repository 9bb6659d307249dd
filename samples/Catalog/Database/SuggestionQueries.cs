namespace Catalog.Database;

/// <summary>Titles that begin with what was typed so far, most often released first.</summary>
internal sealed class SuggestionQueries(CatalogDatabase database)
{
    public const int QueriesPerRead = 1;

    private const int TitlesMax = 8;

    /// <summary>
    /// The range instead of LIKE: it uses the index whatever the prefix contains. U+10FFFF sorts after anything a title begins with.
    /// </summary>
    private static readonly string Sql =
        $"""
        SELECT found.name, found.releases, count(DISTINCT products.platform_id), min(products.id)
        FROM (SELECT id, name, releases FROM titles WHERE name >= $0 AND name < $1 ORDER BY releases DESC, name LIMIT {TitlesMax}) AS found
        JOIN products ON products.title_id = found.id
        GROUP BY found.id ORDER BY found.releases DESC, found.name
        """;

    /// <summary>The suggestions, or null if no title begins so.</summary>
    public async ValueTask<Suggestions?> FindAsync(string prefix, CancellationToken cancellation)
    {
        List<Suggestion> titles = await database.QueryAsync(QueryKind.Suggestions, Sql, [prefix, prefix + "\U0010FFFF"],
            static row => new Suggestion(row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3)), cancellation);
        return titles.Count > 0 ? new Suggestions(prefix, titles) : null;
    }
}
