using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Feeds;

namespace Millpond.EntityFrameworkCore.Live.Tests.Live;

/// <summary>From a save to the cache, by the rules that the cache declares.</summary>
[Collection("one shop")]
public sealed class Caching(ShopDatabase database) : IClassFixture<ShopDatabase>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_saved_is_read_anew_by_key_and_by_the_tags_that_it_had_and_has()
    {
        await using var services = Services();
        await using (var schema = database.Open())
        {
            await schema.Database.ExecuteSqlRawAsync(new PostgresOutbox("cached").CreateScript, Token);
        }

        foreach (var hosted in services.GetServices<IHostedService>())
        {
            await hosted.StartAsync(Token);
        }

        var cache = services.GetRequiredService<ICache>();
        await UntilAsync(() => cache.Statistics().Feeds.Single() is { State: FeedState.Following, Lag: not null });
        var options = new DbContextOptionsBuilder<Shop>();
        options.UseNpgsql(database.Server.ConnectionString).UseMillpondOutbox(new PostgresOutbox("cached"), cache);
        await using var shop = new Shop(options.Options);
        var (products, lists) = (services.GetRequiredService<IKeyspace<int, string>>(), services.GetRequiredService<IKeyspace<string, string>>());
        var product = shop.Add(new Product { CategoryId = 7, Grade = Grade.New, Maker = new Maker { Name = "a" }, Size = new Size() }).Entity;
        await shop.SaveChangesAsync(Token);
        await UntilAsync(() => cache.Statistics().Feeds.Single().Transactions >= 1);
        Assert.Equal("7", await products.GetAsync(product.Id, cancellationToken: Token));
        Assert.Equal("1", await lists.GetAsync("7", cancellationToken: Token));
        Assert.Equal("0", await lists.GetAsync("8", cancellationToken: Token));
        product.CategoryId = 8;
        await shop.SaveChangesAsync(Token);
        await UntilAsync(() => !products.TryPeek(product.Id, out _) && !lists.TryPeek("7", out _) && !lists.TryPeek("8", out _));
        Assert.Equal(("8", "0", "1"), (await products.GetAsync(product.Id, cancellationToken: Token), await lists.GetAsync("7", cancellationToken: Token), await lists.GetAsync("8", cancellationToken: Token)));
        Assert.Contains("only begun", cache.Statistics().Feeds.Single().LastDoubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cache_without_the_feed_is_refused()
    {
        await using var services = Services();
        var refused = Assert.Throws<MillpondException>(() => new DbContextOptionsBuilder().UseMillpondOutbox(new PostgresOutbox("other"), services.GetRequiredService<ICache>()));
        Assert.Equal(ErrorCode.InvalidConfiguration, refused.Code);
    }

    private ServiceProvider Services() => new ServiceCollection().AddMillpond(m => m
        .AddPostgresOutbox("cached", database.Server.ConnectionString)
        .AddKeyspace<int, string>("product", k => k
            .Load(async (id, token) => await AskAsync(shop => shop.Products.Where(one => one.Id == id).Select(one => one.CategoryId), token))
            .ChangedBy("public.\"Products\"", "id"))
        .AddKeyspace<string, string>("list", k => k
            .Load(async (category, token) => await AskAsync(shop => shop.Products.Where(one => one.CategoryId == int.Parse(category)).GroupBy(one => 1).Select(all => all.Count()), token))
            .Tags((category, _) => [$"category:{category}"])
            .ChangedBy(new RowRule<string> { Table = "public.\"Products\"", Tags = ["category:{category_id}"] }))).BuildServiceProvider();

    private async Task<string> AskAsync(Func<Shop, IQueryable<int>> ask, CancellationToken token)
    {
        await using var shop = database.Open();
        return (await ask(shop).FirstOrDefaultAsync(token)).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; i < 1_500 && !holds(); i++)
        {
            await Task.Delay(20, Token);
        }

        Assert.True(holds());
    }
}
