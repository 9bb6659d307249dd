using Millpond.Sinks;

namespace Millpond.Postgres.Sinks;

/// <summary>
/// The statements of a table for many rows at once, which come as one array for each column. The server plans, parses and answers one statement in place of a thousand. A column that is null in all rows has no array, since its type is not known here; the
/// server finds it out from the table.
/// </summary>
internal sealed class ManyRowsSql(string table, IReadOnlyList<string> keys, IReadOnlyList<string> values, string? count)
{
    private readonly string _name = string.Join('.', table.Split('.').Select(TableSql.Quote));
    private readonly string _conflict = $" ON CONFLICT ({string.Join(", ", keys.Select(TableSql.Quote))}) DO ";

    /// <summary>Sets rows. Whether a column has an array is told for keys and values, in that order.</summary>
    public string Set(IReadOnlyList<bool> hasArray) => $"INSERT INTO {_name} ({Names([.. keys, .. values])}) {Select(hasArray)}{_conflict}"
        + (values.Count == 0 ? "NOTHING" : $"UPDATE SET {string.Join(", ", values.Select(value => $"{TableSql.Quote(value)} = excluded.{TableSql.Quote(value)}"))}");

    public string Delete(IReadOnlyList<bool> hasArray) =>
        $"DELETE FROM {_name} AS gone USING {Given(hasArray)} WHERE {string.Join(" AND ", keys.Select((key, i) => $"gone.{TableSql.Quote(key)} = {Cell(hasArray, i)}"))}";

    public string? Increment(IReadOnlyList<bool> hasArray) => count is null ? null
        : $"INSERT INTO {_name} AS counted ({Names([.. keys, count])}) {Select(hasArray)}{_conflict}UPDATE SET {TableSql.Quote(count)} = counted.{TableSql.Quote(count)} + excluded.{TableSql.Quote(count)}";

    private static string Names(IEnumerable<string> columns) => string.Join(", ", columns.Select(TableSql.Quote));

    private static string Select(IReadOnlyList<bool> hasArray) => $"SELECT {string.Join(", ", hasArray.Select((_, i) => Cell(hasArray, i)))} FROM {Given(hasArray)}";

    private static string Cell(IReadOnlyList<bool> hasArray, int column) => hasArray[column] ? $"given.c{column}" : "NULL";

    private static string Given(IReadOnlyList<bool> hasArray)
    {
        int[] columns = [.. Enumerable.Range(0, hasArray.Count).Where(i => hasArray[i])];
        return $"unnest({string.Join(", ", columns.Select((_, i) => $"${i + 1}"))}) AS given({string.Join(", ", columns.Select(i => $"c{i}"))})";
    }
}
