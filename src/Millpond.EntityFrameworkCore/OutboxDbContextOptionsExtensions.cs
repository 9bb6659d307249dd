using Microsoft.EntityFrameworkCore;
using Millpond.EntityFrameworkCore;
using Millpond.Feeds;

namespace Millpond;

/// <summary>Tells the cache what Entity Framework Core saves.</summary>
public static class OutboxDbContextOptionsExtensions
{
    /// <summary>
    /// Writes to an outbox, with every <c>SaveChanges</c> and in its transaction, which rows it changes, as far as the cache's rules (<c>ChangedBy</c>) follow their tables. Add it behind interceptors that change entities.
    /// <c>ExecuteUpdate</c>, <c>ExecuteDelete</c> and SQL of your own pass it by: write those to the outbox yourself, in the same transaction.
    /// </summary>
    /// <param name="options">The context's options.</param>
    /// <param name="outbox">The outbox, in the context's database.</param>
    /// <param name="cache">The cache, with the feed that drains the outbox.</param>
    /// <returns>The options.</returns>
    /// <exception cref="MillpondException">MP1001: the cache has no such feed.</exception>
    public static DbContextOptionsBuilder UseMillpondOutbox(this DbContextOptionsBuilder options, Outbox outbox, ICache cache) =>
        cache is CacheHost host && host.Feeds.TablesOf(outbox.Feed) is { Count: > 0 } tables ? options.UseMillpondOutbox(outbox, tables) : throw new MillpondException(
            ErrorCode.InvalidConfiguration,
            $"the cache has no change feed '{outbox.Feed}' that would drain the outbox {outbox.Table}. Add it (AddPostgresOutbox, AddSqliteOutbox), or, if other programs drain it, give the tables and columns to tell of.");

    /// <summary>The same in a program without a cache of its own: other programs drain the outbox.</summary>
    /// <param name="options">The context's options.</param>
    /// <param name="outbox">The outbox, in the context's database.</param>
    /// <param name="tables">The tables to tell of, with the columns that those programs' rules read.</param>
    /// <returns>The options.</returns>
    public static DbContextOptionsBuilder UseMillpondOutbox(this DbContextOptionsBuilder options, Outbox outbox, IReadOnlyList<FeedTable> tables) =>
        options.AddInterceptors(new OutboxInterceptor(outbox, tables));
}
