using Microsoft.Extensions.DependencyInjection;
using Millpond.Runtime;
using Millpond.Sqlite;

namespace Millpond;

/// <summary>Follows SQLite databases.</summary>
public static class SqliteMillpondBuilderExtensions
{
    /// <summary>Follows a SQLite database by triggers, and makes stale what the keyspaces' rules (<c>ChangedBy</c>) say, whichever program wrote. Tables are named <c>products</c> or <c>main.products</c>.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="name">The feed's name: the same in every process on the same shared tier.</param>
    /// <param name="path">The database's file.</param>
    /// <param name="options">Changes the other options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    public static MillpondBuilder AddSqliteFeed(this MillpondBuilder builder, string name, string path, Func<SqliteFeedOptions, SqliteFeedOptions>? options = null) =>
        Add(builder, name, path, options, ChangeWriter.Triggers);

    /// <summary>Drains an outbox in a SQLite database, to which programs write with <see cref="SqliteOutbox"/> what they change, and makes stale what the keyspaces' rules (<c>ChangedBy</c>) say. For a database that is to have no triggers.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="name">The feed's name: the same in every process on the same shared tier, and the outbox's.</param>
    /// <param name="path">The database's file.</param>
    /// <param name="options">Changes the other options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    public static MillpondBuilder AddSqliteOutbox(this MillpondBuilder builder, string name, string path, Func<SqliteFeedOptions, SqliteFeedOptions>? options = null) =>
        Add(builder, name, path, options, ChangeWriter.Outbox);

    private static MillpondBuilder Add(MillpondBuilder builder, string name, string path, Func<SqliteFeedOptions, SqliteFeedOptions>? options, ChangeWriter writer)
    {
        var given = new SqliteFeedOptions { Path = path };
        given = options?.Invoke(given) ?? given;
        var faults = new List<string>();
        given.Check(name, faults);
        if (faults.Count > 0)
        {
            throw new MillpondException(ErrorCode.InvalidConfiguration, $"a feed from SQLite is not configured soundly:{string.Concat(faults.Select(fault => "\n  - " + fault))}");
        }

        return builder.AddChangeFeed(name, services => new SqliteFeed(
            name, given, writer, services.GetService<Surroundings>() ?? (services.GetService<TimeProvider>() is { } time ? new Surroundings(time) : Surroundings.Real)));
    }
}
