namespace Millpond.Sinks;

/// <summary>The statements of a table that PostgreSQL and SQLite have in common. Parameters are numbered by column: keys first.</summary>
internal sealed class TableSql
{
    public TableSql(string table, IReadOnlyList<string> keys, IReadOnlyList<string> values, string? count, Func<int, string> parameter)
    {
        var name = string.Join('.', table.Split('.').Select(Quote));
        var keyNames = string.Join(", ", keys.Select(Quote));
        var where = string.Join(" AND ", keys.Select((key, i) => $"{Quote(key)} = {parameter(i)}"));
        string[] all = [.. keys, .. values];
        Set = $"INSERT INTO {name} ({string.Join(", ", all.Select(Quote))}) VALUES ({string.Join(", ", all.Select((_, i) => parameter(i)))}) ON CONFLICT ({keyNames}) DO "
            + (values.Count == 0 ? "NOTHING" : $"UPDATE SET {string.Join(", ", values.Select(value => $"{Quote(value)} = excluded.{Quote(value)}"))}");
        Delete = $"DELETE FROM {name} WHERE {where}";
        Increment = count is null ? null
            : $"INSERT INTO {name} AS counted ({keyNames}, {Quote(count)}) VALUES ({string.Join(", ", keys.Select((_, i) => parameter(i)))}, {parameter(keys.Count)}) ON CONFLICT ({keyNames}) DO UPDATE SET {Quote(count)} = counted.{Quote(count)} + excluded.{Quote(count)}";
    }

    public string Set { get; }

    public string Delete { get; }

    public string? Increment { get; }

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
