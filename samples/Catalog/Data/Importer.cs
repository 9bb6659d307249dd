using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Catalog.Data;

internal sealed record ImportCounts(int Platforms, int Publishers, int Titles, int Products, int Parts);

/// <summary>Writes the lists into an empty database file, in one transaction, and builds the indices after it.</summary>
internal sealed class Importer(string path, TextWriter log)
{
    /// <summary>How many products the pinned data set has: only for the percentage in the progress line.</summary>
    private const int ProductsExpected = 133_294;

    private readonly Dictionary<string, int> _publishers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _titles = new(StringComparer.OrdinalIgnoreCase);
    private int _platforms;
    private int _products;
    private int _parts;
    private int _announced;

    public ImportCounts Import(IEnumerable<ReleaseList> lists)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Execute(connection, Schema.Tables);
        using (SqliteTransaction transaction = connection.BeginTransaction())
        {
            using var rows = new ImportRows(connection, transaction);
            foreach (ReleaseList list in lists)
            {
                Add(list, rows);
            }

            transaction.Commit();
        }

        Execute(connection, Releases);
        Execute(connection, Schema.Indices);
        return new ImportCounts(_platforms, _publishers.Count, _titles.Count, _products, _parts);
    }

    /// <summary>
    /// How often a title was released over all platforms is the data set's own measure of popularity. A title that only says
    /// that nobody knows it has none.
    /// </summary>
    private const string Releases =
        """
        CREATE TEMP TABLE counted AS SELECT title_id, count(*) AS releases FROM products GROUP BY title_id;
        CREATE UNIQUE INDEX temp.counted_title ON counted (title_id);
        UPDATE titles SET releases = (SELECT releases FROM counted WHERE title_id = titles.id);
        UPDATE titles SET releases = 0 WHERE name = 'Unknown';
        """;

    private void Add(ReleaseList list, ImportRows rows)
    {
        int platform = ++_platforms;
        rows.Platform(platform, list);
        var ids = new Dictionary<string, int>(list.Releases.Count, StringComparer.Ordinal);
        int next = _products;
        foreach (Release release in list.Releases)
        {
            ids[release.Code] = ++next;
        }

        foreach (Release release in list.Releases)
        {
            int id = ++_products;
            int publisher = IdOf(_publishers, release.Publisher, rows.Publisher);
            int title = IdOf(_titles, release.Title, rows.Title);
            int? parent = release.ParentCode is { } code && ids.TryGetValue(code, out int found) ? found : null;
            rows.Product(id, platform, publisher, title, parent, release);
            for (int position = 0; position < release.Parts.Count; position++)
            {
                rows.Part(id, position, release.Parts[position]);
                _parts++;
            }
        }

        Announce();
    }

    private static int IdOf(Dictionary<string, int> known, string name, Action<int, string> insert)
    {
        if (!known.TryGetValue(name, out int id))
        {
            id = known.Count + 1;
            known.Add(name, id);
            insert(id, name);
        }

        return id;
    }

    private void Announce()
    {
        int percent = Math.Min(100, (int)(100L * _products / ProductsExpected));
        if (percent >= _announced + 20)
        {
            _announced = percent - (percent % 20);
            log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {_announced} %  {_products:N0} products"));
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
