using Millpond.Sinks;
using Millpond.Sqlite.Sinks;

namespace Millpond.Sqlite;

/// <summary>Where a sink's database is.</summary>
public sealed record SqliteSinkOptions
{
    /// <summary>The path of the database's file. It must be there.</summary>
    public required string Path { get; init; }

    /// <summary>How long a batch waits for another writer of the database before it fails and is tried again, in seconds: 1 or more. Default 5.</summary>
    public int BusySeconds { get; init; } = 5;
}

/// <summary>Sinks of write-behind in SQLite.</summary>
public static class SqliteSinks
{
    /// <summary>Writes a table. The ledger (<c>millpond_flushed</c>) is made in the same database, so each write is applied once, over crashes too.</summary>
    /// <typeparam name="TKey">The keyspace's key type.</typeparam>
    /// <typeparam name="TValue">The keyspace's value type.</typeparam>
    /// <param name="path">The path of the database's file.</param>
    /// <param name="table">The table.</param>
    public static Func<IServiceProvider, IWriteSink<TKey, TValue>> Table<TKey, TValue>(string path, SinkTable<TKey, TValue> table)
        where TKey : notnull => Table(new SqliteSinkOptions { Path = path }, table);

    /// <summary>As <see cref="Table{TKey, TValue}(string, SinkTable{TKey, TValue})"/>, with more to say of the database.</summary>
    /// <typeparam name="TKey">The keyspace's key type.</typeparam>
    /// <typeparam name="TValue">The keyspace's value type.</typeparam>
    /// <param name="options">Where the database is.</param>
    /// <param name="table">The table.</param>
    public static Func<IServiceProvider, IWriteSink<TKey, TValue>> Table<TKey, TValue>(SqliteSinkOptions options, SinkTable<TKey, TValue> table)
        where TKey : notnull
    {
        table.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BusySeconds, 1);
        return _ => new SqliteSink<TKey, TValue>(options, table);
    }
}
