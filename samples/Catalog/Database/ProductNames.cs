using System.Collections.Concurrent;

namespace Catalog.Database;

/// <summary>
/// Names for the page's list of top products: over a connection of its own and not counted, because the page must not disturb what
/// it shows.
/// </summary>
internal sealed class ProductNames(string path) : IDisposable
{
    /// <summary>Far more than ever are at the top together; past it the names are simply read again.</summary>
    private const int KeptMax = 4_096;

    private const string Sql =
        "SELECT products.name, platforms.name FROM products JOIN platforms ON platforms.id = products.platform_id WHERE products.id = $0";

    private readonly ConcurrentDictionary<int, (string Name, string Platform)> _kept = [];
    private readonly PooledConnection _connection = new(path);
    private readonly Lock _lock = new();

    public (string Name, string Platform) Of(int id)
    {
        if (_kept.TryGetValue(id, out (string Name, string Platform) kept))
        {
            return kept;
        }

        lock (_lock)
        {
            using var reader = _connection.Command(Sql, id).ExecuteReader();
            kept = reader.Read() ? (reader.GetString(0), reader.GetString(1)) : ("(no such product)", "");
        }

        if (_kept.Count >= KeptMax)
        {
            _kept.Clear();
        }

        return _kept.GetOrAdd(id, kept);
    }

    public void Dispose() => _connection.Dispose();
}
