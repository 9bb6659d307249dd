using System.Globalization;
using Millpond.Feeds;

namespace Millpond.Sqlite.Streaming;

/// <summary>Reads a list of values as SQL writes them: <c>NULL</c>, numbers, <c>'text'</c> and <c>X'00ff'</c>, with commas in between. A question mark stands for a value that is not known.</summary>
internal static class LiteralReader
{
    /// <summary>The values of such a list, of which an empty text has none; null if it is not one.</summary>
    public static List<object?>? Read(ReadOnlySpan<char> text)
    {
        List<object?> values = [];
        if (text.IsEmpty)
        {
            return values;
        }

        while (TryReadOne(ref text, out var value))
        {
            values.Add(value);
            if (text.IsEmpty)
            {
                return values;
            }

            if (text[0] != ',')
            {
                return null;
            }

            text = text[1..];
        }

        return null;
    }

    private static bool TryReadOne(ref ReadOnlySpan<char> text, out object? value)
    {
        value = null;
        if (text.StartsWith("'"))
        {
            var read = TryReadText(ref text, out var found);
            value = found;
            return read;
        }

        if (text.StartsWith("X'"))
        {
            text = text[1..];
            if (!TryReadText(ref text, out var hex) || hex.Length % 2 != 0)
            {
                return false;
            }

            try
            {
                value = Convert.FromHexString(hex);
                return true;
            }
            catch (FormatException)
            {
                return false;
            }
        }

        var end = text.IndexOf(',');
        var word = end < 0 ? text : text[..end];
        text = text[word.Length..];
        if (word.SequenceEqual("NULL"))
        {
            return true;
        }

        if (word.SequenceEqual("?"))
        {
            value = RowValues.Absent;
            return true;
        }

        if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            value = whole;
            return true;
        }

        var isReal = double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var real);
        value = real;
        return isReal;
    }

    private static bool TryReadText(ref ReadOnlySpan<char> text, out string value)
    {
        value = "";
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] != '\'')
            {
                continue;
            }

            if (i + 1 < text.Length && text[i + 1] == '\'')
            {
                i++;
                continue;
            }

            value = text[1..i].ToString().Replace("''", "'", StringComparison.Ordinal);
            text = text[(i + 1)..];
            return true;
        }

        return false;
    }
}
