using Catalog.Page;
using Catalog.Shop;

namespace Catalog.Tests;

public sealed class TheViews
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task Every_look_at_a_product_is_counted_once_and_a_look_for_none_is_not()
    {
        await using RunningShop shop = await RunningShop.StartAsync();
        for (int n = 0; n < 30; n++)
        {
            using HttpResponseMessage response = await shop.Client.GetAsync(new Uri($"/products/{(n % 3) + 1}", UriKind.Relative), Cancellation);
            Assert.True(response.IsSuccessStatusCode);
        }

        using HttpResponseMessage none = await shop.Client.GetAsync(new Uri("/products/999999", UriKind.Relative), Cancellation);
        Assert.Equal(30, (await CountedAsync(shop, 30)).InDatabase);
    }

    [Fact(Timeout = 60_000)]
    public async Task Two_instances_count_into_one_table()
    {
        await using RunningShop first = await RunningShop.StartAsync();
        await using RunningShop second = await RunningShop.StartAsync(beside: first);
        for (int n = 0; n < 10; n++)
        {
            using HttpResponseMessage one = await first.Client.GetAsync(new Uri("/products/1", UriKind.Relative), Cancellation);
            using HttpResponseMessage other = await second.Client.GetAsync(new Uri("/products/1", UriKind.Relative), Cancellation);
        }

        await CountedAsync(first, 10);
        Assert.Equal(new ViewsSample(20, 0), await CountedAsync(second, 20));
    }

    /// <summary>A view is counted when its page has been sent, so a moment after the client has it.</summary>
    private static async Task<ViewsSample> CountedAsync(RunningShop shop, long expected)
    {
        var views = shop.Service<PageViews>();
        ViewsSample counted;
        do
        {
            await views.FlushAsync(Cancellation);
            counted = await views.SampleAsync(Cancellation);
        }
        while (counted.InDatabase < expected);
        return counted;
    }
}
