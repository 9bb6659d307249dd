using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Millpond.Feeds.Rules;

/// <summary>A tag with columns in braces: <c>category:{category_id}</c>. A row in which one of them is null has no such tag.</summary>
internal sealed class TagTemplate
{
    private static readonly Regex Column = new(@"\{([^{}]+)\}", RegexOptions.CultureInvariant);

    // Text, column, text, column, ..., text.
    private readonly string[] _parts;

    private TagTemplate(string[] parts) => _parts = parts;

    public IEnumerable<string> Columns => _parts.Where((_, i) => i % 2 == 1);

    public static TagTemplate Read(string template) => new(Column.Split(template));

    /// <summary>Whether braces are left over, as where one was forgotten.</summary>
    public static bool IsWhole(string template) => template.Length > 0 && Column.Replace(template, "").IndexOfAny(['{', '}']) < 0;

    public string? Of(RowValues row)
    {
        if (_parts.Length == 1)
        {
            return _parts[0];
        }

        var text = new StringBuilder(_parts[0]);
        for (var i = 1; i < _parts.Length; i += 2)
        {
            if (row[_parts[i]] is not { } value)
            {
                return null;
            }

            text.Append(value as string ?? (value as IFormattable)?.ToString(null, CultureInfo.InvariantCulture) ?? value.ToString()).Append(_parts[i + 1]);
        }

        return text.ToString();
    }
}
