using Millpond.Feeds.Rules;

namespace Millpond.Feeds;

/// <summary>A row's values by column. A column that the source does not tell (an old value outside the replica identity, a large value that did not change) is absent, which is not null.</summary>
/// <param name="columns">The names.</param>
/// <param name="values">A value for each: null, a string, a number or whatever the feed decodes; <see cref="Absent"/> where it is not known. The feed may put others in their place between two calls.</param>
public sealed class RowValues(IReadOnlyList<string> columns, IReadOnlyList<object?> values)
{
    /// <summary>Stands for a value that the source does not tell.</summary>
    public static object Absent { get; } = new();

    internal IReadOnlyList<string> Columns => columns;

    internal IReadOnlyList<object?> Values => values;

    /// <summary>A row of columns and their values: <c>RowValues.Of(("id", 5), ("category_id", 7))</c>.</summary>
    /// <param name="values">The columns.</param>
    public static RowValues Of(params ReadOnlySpan<(string Column, object? Value)> values)
    {
        var (names, held) = (new string[values.Length], new object?[values.Length]);
        for (var i = 0; i < values.Length; i++)
        {
            (names[i], held[i]) = values[i];
        }

        return new RowValues(names, held);
    }

    /// <summary>The value of a column: null if it is null.</summary>
    /// <param name="column">Its name.</param>
    /// <exception cref="MillpondException">MP1602: the row does not have it.</exception>
    public object? this[string column] =>
        TryGet(column, out var value) ? value : throw new MillpondException(
            ErrorCode.RowUnreadable,
            $"column '{column}' is not among the values that the source tells of this row ({string.Join(", ", columns.Where(Has))}). "
            + "Name it among the rule's columns; if it is an old value that is missing, the table's replica identity does not include it.");

    /// <summary>Whether the row has a column, be it null.</summary>
    /// <param name="column">Its name.</param>
    public bool Has(string column) => TryGet(column, out _);

    /// <summary>The value of a column as a type that has a text form: numbers, strings, Guid, dates, enums.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="column">The column's name.</param>
    /// <exception cref="MillpondException">MP1602: the row does not have it, it is null, or it is not a <typeparamref name="T"/>.</exception>
    public T Get<T>(string column) => ColumnReader<T>.Read(this, column) is { IsNull: false } read
        ? read.Value
        : throw new MillpondException(ErrorCode.RowUnreadable, $"column '{column}' is null where a {typeof(T).Name} is wanted. Let the rule look at it first, or leave such rows out.");

    private bool TryGet(string column, out object? value)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i] == column)
            {
                value = values[i];
                return !ReferenceEquals(value, Absent);
            }
        }

        value = null;
        return false;
    }
}
