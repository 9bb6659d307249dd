using Microsoft.Data.Sqlite;
using Millpond.Feeds;
using static Millpond.Sqlite.Setup.ChangeLogNames;

namespace Millpond.Sqlite.Setup;

/// <summary>
/// The triggers of one table. Values are written as SQL writes them (<c>quote()</c>), which any program that opens the database can do, and which loses nothing of them.
/// </summary>
/// <remarks>
/// <c>INSERT OR REPLACE</c> takes rows away without a word to delete triggers (unless <c>recursive_triggers</c> is on), so a trigger before each insert writes down what stands in its way by primary key or
/// unique index. If the insert then does nothing, a miss was caused and no more.
/// </remarks>
internal sealed class TableTriggers(ChangeLogNames names, FeedTable table, IReadOnlyList<IReadOnlyList<string>> uniques)
{
    private readonly string _plain = Plain(table.Name);

    /// <summary>Name and text of each.</summary>
    public IReadOnlyList<(string Name, string Text)> All =>
    [
        Trigger("insert", "AFTER INSERT", $"INSERT INTO {names.Log}(tbl, kind, cols, new) VALUES ({Head('I')}, {Values("NEW")});"),
        Trigger("update", "AFTER UPDATE", $"INSERT INTO {names.Log}(tbl, kind, cols, old, new) VALUES ({Head('U')}, {Values("OLD")}, {Values("NEW")});"),
        Trigger("delete", "AFTER DELETE", $"INSERT INTO {names.Log}(tbl, kind, cols, old) VALUES ({Head('D')}, {Values("OLD")});"),
        .. uniques.Count == 0 ? [] : new[]
        {
            Trigger("replace", "BEFORE INSERT", $"INSERT INTO {names.Log}(tbl, kind, cols, old) SELECT {Head('D')}, {Values(Quoted(_plain))} FROM {Quoted(_plain)} WHERE {string.Join(" OR ", uniques.Select(Matches))};"),
        },
    ];

    /// <summary>The columns of each unique constraint that an insert may replace a row by.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> UniquesOf(SqliteConnection connection, string plain)
    {
        var key = Sql.AskAll(connection, $"SELECT name FROM pragma_table_info({Literal(plain)}) WHERE pk > 0 ORDER BY pk", row => row.GetString(0));
        var indexes = Sql.AskAll(connection, $"SELECT name FROM pragma_index_list({Literal(plain)}) WHERE \"unique\" = 1 AND partial = 0 AND origin <> 'pk'", row => row.GetString(0));
        var others = indexes
            .Select(index => Sql.AskAll(connection, $"SELECT name FROM pragma_index_info({Literal(index)})", row => row.IsDBNull(0) ? null : row.GetString(0)))
            .Where(columns => columns.Count > 0 && columns.All(column => column is not null))
            .Select(columns => (IReadOnlyList<string>)[.. columns.Select(column => column!)]);
        return [.. key.Count > 0 ? [key] : Array.Empty<IReadOnlyList<string>>(), .. others];
    }

    private static string Matches(IReadOnlyList<string> columns) => $"({string.Join(" AND ", columns.Select(column => $"{Quoted(column)} = NEW.{Quoted(column)}"))})";

    private (string Name, string Text) Trigger(string what, string when, string does)
    {
        var name = names.TriggerPrefix + what + "_" + _plain;
        return (name, $"CREATE TRIGGER {Quoted(name)} {when} ON {Quoted(_plain)} BEGIN {does} END");
    }

    private string Head(char kind) => $"{Literal(table.Name)}, '{kind}', {Literal(string.Join(",", table.Columns.Select(Literal)))}";

    private string Values(string of) => table.Columns.Count == 0 ? "''" : string.Join(" || ',' || ", table.Columns.Select(column => $"quote({of}.{Quoted(column)})"));
}
