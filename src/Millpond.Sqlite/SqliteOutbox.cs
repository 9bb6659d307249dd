using System.Data.Common;
using System.Globalization;
using Millpond.Feeds;
using Millpond.Sqlite.Setup;
using Millpond.Sqlite.Streaming;

namespace Millpond;

/// <summary>An outbox in a SQLite database. <c>AddSqliteOutbox</c> drains it.</summary>
/// <param name="feed">The name of the feed that drains it.</param>
public sealed class SqliteOutbox(string feed) : Outbox(feed, new ChangeLogNames(feed).Log, "main")
{
    // Five parameters each, and SQLite allowed 999 in a statement before 3.32.
    private const int RowsAtOnce = 150;

    /// <inheritdoc/>
    public override string CreateScript => new ChangeLogNames(Feed).CreateLog + ";";

    private protected override IEnumerable<DbCommand> NewCommands(DbConnection connection, IReadOnlyList<RowChange> changes)
    {
        foreach (var some in changes.Chunk(RowsAtOnce))
        {
            var command = connection.CreateCommand();
            command.CommandText = $"INSERT INTO {Table}(tbl, kind, cols, old, new) VALUES {string.Join(", ", some.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"($t{i}, $k{i}, $c{i}, $o{i}, $n{i})")))}";
            for (var i = 0; i < some.Length; i++)
            {
                // One list names the columns of both images.
                string[] columns = [.. (some[i].New?.Columns ?? []).Union(some[i].Old?.Columns ?? [])];
                Add(command, $"$t{i}", some[i].Table);
                Add(command, $"$k{i}", KindLetters[(int)some[i].Kind].ToString());
                Add(command, $"$c{i}", LiteralWriter.Write(columns));
                Add(command, $"$o{i}", ValuesOf(some[i].Old, columns));
                Add(command, $"$n{i}", ValuesOf(some[i].New, columns));
            }

            yield return command;
        }
    }

    private static string? ValuesOf(RowValues? row, string[] columns) => row is null ? null : LiteralWriter.Write(columns.Select(column => row.Has(column) ? row[column] : RowValues.Absent));

    private static void Add(DbCommand command, string name, string? value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, (object?)value ?? DBNull.Value);
        command.Parameters.Add(parameter);
    }
}
