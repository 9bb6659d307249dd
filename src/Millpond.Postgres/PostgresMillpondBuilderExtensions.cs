using Microsoft.Extensions.DependencyInjection;
using Millpond.Postgres;
using Millpond.Postgres.Outboxes;
using Millpond.Runtime;

namespace Millpond;

/// <summary>Follows PostgreSQL databases, by their log or by an outbox in them.</summary>
public static class PostgresMillpondBuilderExtensions
{
    /// <summary>Follows a PostgreSQL database's log, and makes stale what the keyspaces' rules (<c>ChangedBy</c>) say. Tables are named as in SQL: <c>public.products</c>. docs/guide/change-feeds.md says what the database must have.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="name">The feed's name: the same in every process on the same shared tier.</param>
    /// <param name="connectionString">The database, as Npgsql's connection string.</param>
    /// <param name="options">Changes the other options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    public static MillpondBuilder AddPostgresFeed(this MillpondBuilder builder, string name, string connectionString, Func<PostgresFeedOptions, PostgresFeedOptions>? options = null)
    {
        var given = new PostgresFeedOptions { ConnectionString = connectionString };
        given = options?.Invoke(given) ?? given;
        var faults = new List<string>();
        given.Check(name, faults);
        Refuse("a feed from PostgreSQL", faults);
        return builder.AddChangeFeed(name, services => new PostgresFeed(name, given, SurroundingsOf(services)));
    }

    /// <summary>Drains an outbox in a PostgreSQL database, to which programs write with <see cref="PostgresOutbox"/> what they change, and makes stale what the keyspaces' rules (<c>ChangedBy</c>) say. For a database whose log cannot be followed.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="name">The feed's name: the same in every process on the same shared tier, and the outbox's.</param>
    /// <param name="connectionString">The database, as Npgsql's connection string.</param>
    /// <param name="options">Changes the other options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    public static MillpondBuilder AddPostgresOutbox(this MillpondBuilder builder, string name, string connectionString, Func<PostgresOutboxOptions, PostgresOutboxOptions>? options = null)
    {
        var given = new PostgresOutboxOptions { ConnectionString = connectionString };
        given = options?.Invoke(given) ?? given;
        var faults = new List<string>();
        given.Check(name, faults);
        Refuse("an outbox in PostgreSQL", faults);
        var outbox = new PostgresOutbox(name, given.Table);
        return builder.AddChangeFeed(name, services => new PostgresOutboxFeed(outbox, given, SurroundingsOf(services)));
    }

    private static void Refuse(string what, List<string> faults)
    {
        if (faults.Count > 0)
        {
            throw new MillpondException(ErrorCode.InvalidConfiguration, $"{what} is not configured soundly:{string.Concat(faults.Select(fault => "\n  - " + fault))}");
        }
    }

    private static Surroundings SurroundingsOf(IServiceProvider services) =>
        services.GetService<Surroundings>() ?? (services.GetService<TimeProvider>() is { } time ? new Surroundings(time) : Surroundings.Real);
}
