using Microsoft.Data.Sqlite;
using Millpond.Feeds;
using Millpond.Feeds.Outboxes;
using Millpond.Sqlite.Setup;

namespace Millpond.Sqlite.Streaming;

/// <summary>What one look at the log found.</summary>
/// <param name="First">The first number; 0 if there was nothing.</param>
/// <param name="Last">The last number.</param>
/// <param name="At">When the last change was written, by the clock of the machine.</param>
internal readonly record struct Found(long First, long Last, DateTimeOffset? At);

/// <summary>Reads the log.</summary>
internal sealed class ChangeReader(IReadOnlyList<FeedTable> tables, ChangeLogNames names)
{
    // Tables times rules; past it somebody writes there who should not.
    private const int ShapesMax = 1_000;

    private readonly TableNames _tables = new(tables, "main");
    private readonly Dictionary<string, string[]> _columns = new(StringComparer.Ordinal);

    /// <summary>Adds to a transaction everything that comes after a number, in order, and so whole transactions of the database: it is read at one instant.</summary>
    public Found Read(SqliteConnection connection, long after, IFeedTransaction into)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT seq, tbl, kind, cols, old, new, at FROM {names.Log} WHERE seq > $after ORDER BY seq";
        command.Parameters.AddWithValue("$after", after);
        using var reader = command.ExecuteReader();
        var found = default(Found);
        while (reader.Read())
        {
            var number = reader.GetInt64(0);
            found = new(found.First == 0 ? number : found.First, number, reader.IsDBNull(6) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(6)));
            Add(reader, number, into);
        }

        return found;
    }

    private void Add(SqliteDataReader reader, long number, IFeedTransaction into)
    {
        if (_tables.Find(reader.GetString(1))?.Name is not { } table)
        {
            // Of a rule that is gone.
            return;
        }

        RowChangeKind? kind = reader.GetString(2) switch { "I" => RowChangeKind.Insert, "U" => RowChangeKind.Update, "D" => RowChangeKind.Delete, "T" => RowChangeKind.Truncate, _ => null };
        if (kind is { } known && ColumnsOf(reader.GetString(3)) is { } columns
            && TryValues(columns, known == RowChangeKind.Insert ? null : Text(reader, 4), out var old) && TryValues(columns, known == RowChangeKind.Delete ? null : Text(reader, 5), out var now))
        {
            into.Add(new RowChange(table, known, old, now));
            return;
        }

        into.Doubt(new FeedDoubt(table, FeedDoubtReason.Undecodable, $"Change {number} in {names.Log} is not as triggers and outboxes write it. Nothing else should write there."));
    }

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static bool TryValues(string[] columns, string? text, out RowValues? values)
    {
        values = null;
        if (text is null)
        {
            return true;
        }

        if (LiteralReader.Read(text) is not { } read || read.Count != columns.Length)
        {
            return false;
        }

        values = new RowValues(columns, read);
        return true;
    }

    private string[]? ColumnsOf(string literals)
    {
        if (_columns.TryGetValue(literals, out var known))
        {
            return known;
        }

        // As the triggers of that moment had them, which may be those of rules before.
        string[]? columns = LiteralReader.Read(literals)?.Select(column => column as string ?? "").ToArray();
        if (columns is not null && _columns.Count < ShapesMax)
        {
            _columns[literals] = columns;
        }

        return columns;
    }
}
