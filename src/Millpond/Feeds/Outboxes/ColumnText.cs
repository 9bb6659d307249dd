using System.Globalization;

namespace Millpond.Feeds.Outboxes;

/// <summary>A column's value as text that <see cref="RowValues.Get{T}"/> reads back, and that says the same in a tag whatever the culture.</summary>
internal static class ColumnText
{
    public static string? Of(object? value) => value switch
    {
        null or DBNull => null,
        string text => text,
        bool isTrue => isTrue ? "true" : "false",

        // Their invariant form drops fractions of a second; this one sorts and reads back whole.
        DateTime or DateTimeOffset or DateOnly or TimeOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        byte[] bytes => "\\x" + Convert.ToHexStringLower(bytes),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
