namespace Millpond.Sinks;

/// <summary>Which table write-behind writes, and how keys and values become its columns. The table must have a primary key or a unique index over exactly the key columns. The same declaration serves every database.</summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
/// <typeparam name="TValue">The keyspace's value type; for counters <see cref="long"/>.</typeparam>
public sealed class SinkTable<TKey, TValue>
    where TKey : notnull
{
    private readonly List<SinkColumn<TKey>> _keys = [];
    private readonly List<SinkColumn<TValue>> _values = [];

    /// <summary>Names a table.</summary>
    /// <param name="name">Its name, with its schema where there is one: <c>public.products</c>. Millpond quotes the parts.</param>
    public SinkTable(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>The table's name as given.</summary>
    public string Name { get; }

    internal IReadOnlyList<SinkColumn<TKey>> KeyColumns => _keys;

    internal IReadOnlyList<SinkColumn<TValue>> ValueColumns => _values;

    internal string? CountColumn { get; private set; }

    /// <summary>A column of the key. At least one.</summary>
    /// <param name="column">The column's name.</param>
    /// <param name="value">What it holds: a value of a type that the database's client takes.</param>
    public SinkTable<TKey, TValue> Key(string column, Func<TKey, object?> value)
    {
        _keys.Add(new(column, value));
        return this;
    }

    /// <summary>A column that a set writes. Columns that are not named keep what they have.</summary>
    /// <param name="column">The column's name.</param>
    /// <param name="value">What it holds.</param>
    public SinkTable<TKey, TValue> Column(string column, Func<TValue, object?> value)
    {
        _values.Add(new(column, value));
        return this;
    }

    /// <summary>The column that counters add to. A row that is not there begins at 0.</summary>
    /// <param name="column">The column's name; a 64-bit integer that is not null.</param>
    public SinkTable<TKey, TValue> Count(string column)
    {
        CountColumn = column;
        return this;
    }

    /// <summary>Throws where nothing could be written.</summary>
    internal void Check()
    {
        if (_keys.Count == 0 || (_values.Count == 0 && CountColumn is null))
        {
            throw new MillpondException(ErrorCode.InvalidConfiguration, $"the sink's table '{Name}' has {_keys.Count} key columns, {_values.Count} value columns and {(CountColumn is null ? "no" : "a")} count column. Name the key (Key), and what is written (Column) or counted (Count).");
        }
    }
}

/// <summary>A column and what it holds.</summary>
internal sealed record SinkColumn<T>(string Name, Func<T, object?> Value)
{
    /// <summary>What it holds for this; a function that throws says that the item cannot be written.</summary>
    public object? Of(T from)
    {
        try
        {
            return Value(from);
        }
        catch (Exception failure)
        {
            throw new SinkException(SinkFailure.Refused, $"the function of column '{Name}' threw {failure.GetType().Name}", failure);
        }
    }
}
