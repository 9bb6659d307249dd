using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Millpond.Engines.Live;
using Millpond.Feeds;
using Npgsql;

namespace Millpond.EntityFrameworkCore.Live.Tests.Live;

/// <summary>A server with the shop's tables and an outbox that nobody drains, so that what was written to it can be read.</summary>
public sealed class ShopDatabase : IAsyncLifetime
{
    public static readonly IReadOnlyList<FeedTable> Tables =
    [
        new("public.\"Products\"", ["id", "category_id", "grade", "maker", "length"]),
        new("shop.reviews", ["id", "product_id"]),
    ];

    public PostgresServer Server { get; private set; } = null!;

    public PostgresOutbox Outbox { get; } = new("shop");

    public async ValueTask InitializeAsync()
    {
        Server = await PostgresServer.StartAsync();
        await using var shop = Open();
        await shop.Database.EnsureCreatedAsync();
        await shop.Database.ExecuteSqlRawAsync(Outbox.CreateScript);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    public Shop Open(bool retries = false, params IInterceptor[] interceptors) => Open(Outbox, Tables, retries, interceptors);

    public Shop Open(PostgresOutbox outbox, IReadOnlyList<FeedTable> tables, bool retries = false, params IInterceptor[] interceptors)
    {
        var options = new DbContextOptionsBuilder<Shop>();
        options.UseNpgsql(Server.ConnectionString, npgsql => _ = retries ? npgsql.EnableRetryOnFailure(3, TimeSpan.FromMilliseconds(10), null) : npgsql);
        options.UseMillpondOutbox(outbox, tables).AddInterceptors(interceptors);
        return new Shop(options.Options);
    }

    /// <summary>What the outbox holds since it was last asked, as <c>U old -> new</c>.</summary>
    public async Task<List<string>> ToldAsync()
    {
        await using var connection = new NpgsqlConnection(Server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"with gone as (delete from {Outbox.Table} returning id, kind, tbl, old, new) select kind || ' ' || tbl || ' ' || coalesce(old, '') || ' -> ' || coalesce(new, '') from gone order by id", connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> told = [];
        while (await reader.ReadAsync())
        {
            told.Add(reader.GetString(0));
        }

        return told;
    }
}
