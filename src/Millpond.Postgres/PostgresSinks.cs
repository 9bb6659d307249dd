using Millpond.Postgres.Sinks;
using Millpond.Sinks;

namespace Millpond.Postgres;

/// <summary>Where a sink's database is.</summary>
public sealed record PostgresSinkOptions
{
    /// <summary>The connection string. The login may write the table, and create and write the ledger (<c>millpond_flushed</c>) in its first schema.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>How long a batch may take before it is given up and asked for: 1 second or more. Default 30 s.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Sinks of write-behind in PostgreSQL.</summary>
public static class PostgresSinks
{
    /// <summary>Writes a table. The ledger (<c>millpond_flushed</c>) is made in the same database, so each write is applied once, over crashes too.</summary>
    /// <typeparam name="TKey">The keyspace's key type.</typeparam>
    /// <typeparam name="TValue">The keyspace's value type.</typeparam>
    /// <param name="connectionString">The connection string, as for <see cref="PostgresSinkOptions.ConnectionString"/>.</param>
    /// <param name="table">The table.</param>
    public static Func<IServiceProvider, IWriteSink<TKey, TValue>> Table<TKey, TValue>(string connectionString, SinkTable<TKey, TValue> table)
        where TKey : notnull => Table(new PostgresSinkOptions { ConnectionString = connectionString }, table);

    /// <summary>The same with more to say of the database.</summary>
    /// <typeparam name="TKey">The keyspace's key type.</typeparam>
    /// <typeparam name="TValue">The keyspace's value type.</typeparam>
    /// <param name="options">Where the database is.</param>
    /// <param name="table">The table.</param>
    public static Func<IServiceProvider, IWriteSink<TKey, TValue>> Table<TKey, TValue>(PostgresSinkOptions options, SinkTable<TKey, TValue> table)
        where TKey : notnull
    {
        table.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CommandTimeout, TimeSpan.FromSeconds(1));
        return _ => new PostgresSink<TKey, TValue>(options, table);
    }
}
