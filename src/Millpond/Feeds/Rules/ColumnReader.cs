using System.Globalization;
using System.Reflection;

namespace Millpond.Feeds.Rules;

/// <summary>Reads a column as one type, whatever a source made of it: text from a log, a number from JSON, the value itself.</summary>
internal static class ColumnReader<T>
{
    private static readonly Func<string, T>? Parse = FindParse();

    /// <summary>Whether there is a way at all; a rule for a key type without one is a fault of the declaration.</summary>
    public static bool CanRead => Parse is not null;

    public static ColumnValue<T> Read(RowValues row, string column) => row[column] switch
    {
        null => default,
        T value => new(value),
        var other => new(Convert(other, column)),
    };

    private static T Convert(object value, string column)
    {
        try
        {
            var text = value as string ?? (value as IFormattable)?.ToString(null, CultureInfo.InvariantCulture) ?? value.ToString()!;
            return Parse is { } parse ? parse(text) : throw new FormatException($"{typeof(T).Name} has no text form.");
        }
        catch (Exception failure) when (failure is FormatException or OverflowException or ArgumentException)
        {
            // Without the value, which may be a secret.
            throw new MillpondException(ErrorCode.RowUnreadable, $"column '{column}' has a {value.GetType().Name} that cannot be read as {typeof(T).Name}. Correct the rule's key type or column.", failure);
        }
    }

    private static Func<string, T>? FindParse()
    {
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        if (type == typeof(bool))
        {
            // As PostgreSQL writes them, as SQLite stores them, and as everybody else does.
            return text => (T)(object)(text is "t" or "1" || (text is not ("f" or "0") && bool.Parse(text)));
        }

        if (type == typeof(string))
        {
            return text => (T)(object)text;
        }

        if (type.IsEnum)
        {
            return text => (T)Enum.Parse(type, text, ignoreCase: true);
        }

        return type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IParsable<>) && one.GetGenericArguments()[0] == type)
            ? typeof(ColumnReader<T>).GetMethod(nameof(ParseAs), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type).CreateDelegate<Func<string, T>>()
            : null;
    }

    private static T ParseAs<TParsed>(string text)
        where TParsed : IParsable<TParsed> => (T)(object)TParsed.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>What a column held; the default is null.</summary>
internal readonly struct ColumnValue<T>(T value)
{
    private readonly bool _isValue = true;

    public T Value { get; } = value;

    public bool IsNull => !_isValue;
}
