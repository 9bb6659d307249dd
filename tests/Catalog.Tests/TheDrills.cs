using System.Net;
using System.Net.Http.Json;
using Catalog.Database;
using Catalog.Drills;
using Catalog.Endpoints;
using Catalog.Page;
using Millpond.Shared.InProcess;

namespace Catalog.Tests;

public sealed class TheDrills : IAsyncLifetime
{
    private RunningShop _shop = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _shop = await RunningShop.StartAsync();

    [Fact]
    public async Task Expiring_the_hottest_key_makes_the_next_reader_load_it()
    {
        await ReadAsync(1, times: 3);
        await ReadAsync(2, times: 1);
        _shop.Service<HotKeys>().Tick(8);

        Assert.StartsWith("Product 1 was invalidated", await RunAsync("expire-hottest"), StringComparison.Ordinal);

        await ReadAsync(1, times: 1);
        await ReadAsync(2, times: 1);
        Assert.Equal(3, _shop.Source.Sent.Of(QueryKind.Product));
    }

    [Fact]
    public async Task Invalidating_a_category_reaches_its_products_and_no_others()
    {
        await ReadAsync(1, times: 2);
        await ReadAsync(2, times: 1);
        await ReadAsync(5, times: 1);
        _shop.Service<HotKeys>().Tick(8);
        Assert.Contains("category:pond64", await RunAsync("invalidate-category"), StringComparison.Ordinal);
        long before = _shop.Source.Sent.Of(QueryKind.Product);

        await ReadAsync(5, times: 1);
        Assert.Equal(before, _shop.Source.Sent.Of(QueryKind.Product));
        await ReadAsync(1, times: 1);
        await ReadAsync(2, times: 1);
        Assert.Equal(before + 2, _shop.Source.Sent.Of(QueryKind.Product));
    }

    [Fact]
    public async Task With_the_database_stopped_what_is_cached_is_served_and_the_rest_is_unavailable()
    {
        await ReadAsync(1, times: 1);
        await RunAsync("stop");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/products/1"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/products/2"));
    }

    [Fact]
    public async Task A_change_that_the_stopped_database_did_not_take_leaves_the_product_in_the_cache()
    {
        await ReadAsync(1, times: 1);
        await RunAsync("stop");
        using HttpResponseMessage response = await _shop.Client.PutAsJsonAsync("/products/1/stock", new StockOrder(3), Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/products/1"));
    }

    [Fact]
    public async Task Pressed_again_a_drill_ends()
    {
        await RunAsync("stop");
        Assert.Equal(["stop"], _shop.Service<DrillBoard>().Running().Keys);

        await RunAsync("stop");
        Assert.Empty(_shop.Service<DrillBoard>().Running());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/products/2"));
    }

    [Fact]
    public async Task Bypassing_the_cache_sends_exactly_what_was_counted_as_sent_without_it()
    {
        await RunAsync("bypass");
        await ReadAsync(1, times: 3);
        await StatusAsync("/products/4711");
        await StatusAsync("/categories/pond64");
        await StatusAsync("/products/1/related");
        await StatusAsync("/suggestions?prefix=frog");

        Assert.Equal(11, _shop.Source.Sent.Total);
        Assert.Equal(_shop.Source.Sent.Total, _shop.Service<Catalog.Shop.ShopTraffic>().QueriesWithoutCache);
    }

    [Fact]
    public async Task The_flash_crowd_and_the_slow_database_are_switched_on()
    {
        Assert.Contains("want product", await RunAsync("crowd"), StringComparison.Ordinal);
        Assert.Contains("300 ms longer", await RunAsync("slow"), StringComparison.Ordinal);

        Assert.Equal(["slow", "crowd"], _shop.Service<DrillBoard>().Running().Keys);
    }

    [Fact]
    public async Task An_instance_that_shares_nothing_has_no_tier_to_lose()
    {
        Assert.Contains("shares nothing", await RunAsync("lose-tier"), StringComparison.Ordinal);
        Assert.Contains("shares nothing", await RunAsync("slow-tier"), StringComparison.Ordinal);
        Assert.Contains("shares nothing", await RunAsync("empty-tier"), StringComparison.Ordinal);

        Assert.Empty(_shop.Service<DrillBoard>().Running());
    }

    [Theory]
    [InlineData("lose-tier", "The shared tier answers nobody")]
    [InlineData("slow-tier", "takes 2 s longer")]
    public async Task Without_its_shared_tier_an_instance_reads_the_database_and_keeps_what_it_found(string drill, string said)
    {
        await _shop.DisposeAsync();
        _shop = await RunningShop.StartAsync(new InProcessSharedTier(new InProcessSharedTierOptions { PayloadBytesMax = 1 << 20 }));
        await ReadAsync(1, times: 1);
        Assert.Contains(said, await RunAsync(drill), StringComparison.Ordinal);

        await ReadAsync(2, times: 2);

        Assert.Equal(2, _shop.Source.Sent.Of(QueryKind.Product));
        Assert.Equal([drill], _shop.Service<DrillBoard>().Running().Keys);
    }

    [Fact]
    public async Task With_nothing_asked_for_yet_there_is_no_hottest_key()
    {
        Assert.Contains("no hottest one", await RunAsync("expire-hottest"), StringComparison.Ordinal);
        Assert.Contains("no category", await RunAsync("invalidate-category"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_drill_is_not_found()
    {
        using HttpResponseMessage response = await _shop.Client.PostAsync(new Uri("/drills/flood", UriKind.Relative), null, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    private async Task<string> RunAsync(string drill)
    {
        using HttpResponseMessage response = await _shop.Client.PostAsync(new Uri($"/drills/{drill}", UriKind.Relative), null, Cancellation);
        return (await response.Content.ReadFromJsonAsync<Said>(Cancellation))!.Text;
    }

    private async Task ReadAsync(int id, int times)
    {
        for (int time = 0; time < times; time++)
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync($"/products/{id}"));
        }
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using HttpResponseMessage response = await _shop.Client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        return response.StatusCode;
    }
}
