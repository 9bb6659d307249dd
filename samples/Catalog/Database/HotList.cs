namespace Catalog.Database;

/// <summary>The order in which the built-in load likes the products, and the categories; read once at start, outside the counts.</summary>
internal sealed record HotList(IReadOnlyList<int> Products, IReadOnlyList<string> Categories, IReadOnlyList<string> Prefixes)
{
    /// <summary>One release of every title before the second of any; titles that were released most often come first.</summary>
    private const string ProductsSql =
        """
        SELECT ranked.id FROM (
            SELECT products.id, titles.releases,
                   row_number() OVER (PARTITION BY products.title_id ORDER BY products.year IS NULL, products.year, products.id) AS nth
            FROM products JOIN titles ON titles.id = products.title_id) AS ranked
        ORDER BY ranked.nth + (ranked.releases = 0) * 1000000, ranked.releases DESC, ranked.id
        """;

    private const string CategoriesSql =
        """
        SELECT platforms.code FROM platforms JOIN products ON products.platform_id = platforms.id
        GROUP BY platforms.id ORDER BY count(*) DESC, platforms.id
        """;

    private const string PrefixesSql =
        "SELECT lower(substr(name, 1, 3)) AS prefix FROM titles GROUP BY prefix ORDER BY sum(releases) DESC, prefix LIMIT 500";

    public static HotList Read(string path)
    {
        using var connection = new PooledConnection(path);
        return new HotList(
            Column(connection, ProductsSql, static row => row.GetInt32(0)),
            Column(connection, CategoriesSql, static row => row.GetString(0)),
            Column(connection, PrefixesSql, static row => row.GetString(0)));
    }

    private static List<T> Column<T>(PooledConnection connection, string sql, Func<Microsoft.Data.Sqlite.SqliteDataReader, T> read)
    {
        using var reader = connection.Command(sql).ExecuteReader();
        var values = new List<T>();
        while (reader.Read())
        {
            values.Add(read(reader));
        }

        return values;
    }
}
