using System.Net;
using System.Net.Http.Json;
using Catalog.Database;
using Catalog.Endpoints;
using Catalog.Shop;

namespace Catalog.Tests;

public sealed class TheShop : IAsyncLifetime
{
    private RunningShop _shop = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _shop = await RunningShop.StartAsync();

    [Fact]
    public async Task A_product_that_was_asked_for_before_costs_no_query()
    {
        Product? first = await GetAsync<Product>("/products/1");
        long sent = _shop.Source.Sent.Total;
        Product? second = await GetAsync<Product>("/products/1");

        Assert.Equal("Frogs of the Mill (Europe)", first?.Name);
        Assert.Equal(first?.Name, second?.Name);
        Assert.Equal(ProductQueries.QueriesPerRead, sent);
        Assert.Equal(sent, _shop.Source.Sent.Total);
    }

    [Fact]
    public async Task That_a_product_does_not_exist_is_remembered_too()
    {
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("/products/4711"));
        long sent = _shop.Source.Sent.Total;
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("/products/4711"));

        Assert.Equal(1, sent);
        Assert.Equal(sent, _shop.Source.Sent.Total);
    }

    [Fact]
    public async Task Whoever_changes_the_stock_reads_the_change_from_then_on()
    {
        await GetAsync<Product>("/products/1");
        StockChange? change = await PutStockAsync(1, 3);
        Product? product = await GetAsync<Product>("/products/1");

        Assert.Equal(3, change?.Stock);
        Assert.Equal((3, 2), (product?.Stock, product?.Revision));
    }

    [Fact]
    public async Task What_another_program_changes_in_the_database_is_shown()
    {
        Assert.Equal(10, (await GetAsync<Product>("/products/1"))?.Stock);
        _shop.WriteAside("UPDATE products SET stock = 77 WHERE id = 1");
        var began = Environment.TickCount64;
        while ((await GetAsync<Product>("/products/1"))?.Stock != 77)
        {
            Assert.True(Environment.TickCount64 - began < 10_000, "The change is not shown.");
        }
    }

    [Fact]
    public async Task A_product_that_sold_out_shows_so_on_its_category_s_pages()
    {
        CategoryPage? before = await GetAsync<CategoryPage>("/categories/pond64");
        await PutStockAsync(2, 0);
        CategoryPage? after = await GetAsync<CategoryPage>("/categories/pond64");

        Assert.Equal((0, 1), (before?.SoldOut, after?.SoldOut));
        Assert.False(after?.Lines.Single(line => line.Id == 2).InStock);
    }

    [Fact]
    public async Task A_change_that_lists_do_not_show_leaves_them_in_the_cache()
    {
        await GetAsync<CategoryPage>("/categories/pond64");
        await PutStockAsync(2, 4);
        await GetAsync<CategoryPage>("/categories/pond64");

        Assert.Equal(1, _shop.Source.Sent.Of(QueryKind.CategoryTotals));
    }

    [Fact]
    public async Task Related_products_and_suggestions_are_served()
    {
        Assert.Equal([4, 2], (await GetAsync<RelatedProducts>("/products/1/related"))?.Lines.Select(line => line.Id));
        Assert.Equal("Frog Party", (await GetAsync<Suggestions>("/suggestions?prefix=FROG%20P"))?.Titles.Single().Title);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("/suggestions?prefix=zebra"));
    }

    [Theory]
    [InlineData("/categories/pond64?page=0")]
    [InlineData("/suggestions?prefix=")]
    [InlineData("/suggestions?prefix=012345678901234567890123456789012")]
    public async Task What_makes_no_sense_is_refused(string path) => Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(path));

    [Fact]
    public async Task Any_text_in_a_category_s_place_is_an_unknown_category_or_a_bad_request_but_no_failure()
    {
        foreach (string code in new[] { "nothing", "a:b", "a%2Fb", "%00", "%F0%9F%90%B8", new string('x', 5_000) })
        {
            HttpStatusCode status = await StatusAsync($"/categories/{code}");
            Assert.True(status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{code}: {status}");
        }
    }

    [Fact]
    public async Task What_would_have_been_sent_without_the_cache_is_counted_by_the_query()
    {
        // 2 for the product, 1 for the missing one, 2 for the page, 1 each for what is related and suggested: twice over.
        for (int round = 0; round < 2; round++)
        {
            await GetAsync<Product>("/products/1");
            await StatusAsync("/products/4711");
            await GetAsync<CategoryPage>("/categories/pond64");
            await GetAsync<RelatedProducts>("/products/1/related");
            await GetAsync<Suggestions>("/suggestions?prefix=frog");
        }

        Assert.Equal(7, _shop.Source.Sent.Total);
        Assert.Equal(14, _shop.Service<ShopTraffic>().QueriesWithoutCache);
    }

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    private async Task<T?> GetAsync<T>(string path) => await _shop.Client.GetFromJsonAsync<T>(path, Cancellation);

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using HttpResponseMessage response = await _shop.Client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        return response.StatusCode;
    }

    private async Task<StockChange?> PutStockAsync(int id, int stock)
    {
        using HttpResponseMessage response = await _shop.Client.PutAsJsonAsync($"/products/{id}/stock", new StockOrder(stock), Cancellation);
        return await response.Content.ReadFromJsonAsync<StockChange>(Cancellation);
    }
}
