using Microsoft.Extensions.DependencyInjection;
using Millpond.Postgres;
using Millpond.Runtime;

namespace Millpond;

/// <summary>Follows PostgreSQL databases.</summary>
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
        if (faults.Count > 0)
        {
            throw new MillpondException(ErrorCode.InvalidConfiguration, $"a feed from PostgreSQL is not configured soundly:{string.Concat(faults.Select(fault => "\n  - " + fault))}");
        }

        return builder.AddChangeFeed(name, services => new PostgresFeed(
            name, given, services.GetService<Surroundings>() ?? (services.GetService<TimeProvider>() is { } time ? new Surroundings(time) : Surroundings.Real)));
    }
}
