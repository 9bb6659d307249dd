using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Millpond.Feeds;
using Millpond.Postgres.Setup;
using Npgsql;

namespace Millpond.Postgres.Watching;

/// <summary>
/// Notices what sends no rows: a table that was rewritten, dropped and made anew, or given another part, and one that can no longer be followed. A shape is the number and the file of each table and part; another one is another history.
/// </summary>
internal sealed class ShapeWatch(string feed, IReadOnlyList<FeedTable> tables, IReadOnlyList<TableFacts> atStart)
{
    private readonly Dictionary<string, string> _known = tables.ToDictionary(table => table.Name, table => ShapeOf(table.Name, atStart));

    /// <summary>For the history's name.</summary>
    public static string Of(IReadOnlyList<FeedTable> tables, IReadOnlyList<TableFacts> facts)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', tables.Select(table => ShapeOf(table.Name, facts)))));
        return Convert.ToHexStringLower(hash.AsSpan(0, 8));
    }

    /// <summary>Ends the run if a table is not what it was; the next one begins with how it is now.</summary>
    /// <param name="connection">Where to look.</param>
    /// <param name="truncated">Tables that were truncated since the last look, which gives them another file and is told as it is.</param>
    /// <param name="stop">Ends the look.</param>
    public async Task LookAsync(NpgsqlConnection connection, ConcurrentDictionary<string, bool> truncated, CancellationToken stop)
    {
        var facts = await TableFacts.ReadAsync(connection, tables, stop).ConfigureAwait(false);
        if (TableFaults.Find(tables, facts).ToList() is { Count: > 0 } faults)
        {
            throw FeedFaults.Unfit(feed, faults);
        }

        foreach (var table in tables)
        {
            var shape = ShapeOf(table.Name, facts);
            if (shape != _known[table.Name] && !truncated.TryRemove(table.Name, out _))
            {
                throw new InvalidOperationException($"{table.Name} was rewritten, made anew or given another part; it is followed anew as it is now.");
            }

            _known[table.Name] = shape;
        }
    }

    private static string ShapeOf(string table, IReadOnlyList<TableFacts> facts) =>
        string.Join(',', facts.Where(one => one.Table == table).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Oid}:{one.File}")));
}
