using System.Globalization;
using Millpond.Feeds;
using Millpond.Feeds.Outboxes;

namespace Millpond.Sqlite.Streaming;

/// <summary>Writes a list of values as <see cref="LiteralReader"/> reads it, and as SQLite's <c>quote()</c> would.</summary>
internal static class LiteralWriter
{
    public static string Write(IEnumerable<object?> values) => string.Join(',', values.Select(One));

    private static string One(object? value) => value switch
    {
        null or DBNull => "NULL",
        _ when ReferenceEquals(value, RowValues.Absent) => "?",
        bool isTrue => isTrue ? "1" : "0",
        byte[] bytes => $"X'{Convert.ToHexString(bytes)}'",
        sbyte or byte or short or ushort or int or uint or long => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        double or float when double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)) => ((IFormattable)value).ToString("R", CultureInfo.InvariantCulture),
        _ => $"'{ColumnText.Of(value)!.Replace("'", "''", StringComparison.Ordinal)}'",
    };
}
