using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Catalog.Endpoints;
using Catalog.Page;

namespace Catalog.Tests;

public sealed class ThePage : IAsyncLifetime
{
    /// <summary>What comes by itself comes within a second or two; a test that waits for it must not wait for ever.</summary>
    private const int PatienceMs = 60_000;

    private RunningShop _shop = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _shop = await RunningShop.StartAsync();

    [Fact]
    public async Task The_page_and_everything_it_names_are_served()
    {
        string page = await _shop.Client.GetStringAsync(new Uri("/", UriKind.Relative), Cancellation);
        Assert.Contains("Reads that reach the database", page, StringComparison.Ordinal);

        foreach (string file in new[] { "page.css", "panels.css", "main.js", "instances.css", "instances.js", "chart.js", "drills.js", "explain.js", "format.js", "panels.js", "scales.js", "stream.js" })
        {
            using HttpResponseMessage response = await _shop.Client.GetAsync(new Uri(file, UriKind.Relative), Cancellation);
            Assert.True(response.IsSuccessStatusCode, file);
        }
    }

    [Fact]
    public async Task A_sample_counts_hits_misses_loads_and_queries_since_the_one_before()
    {
        var sampler = _shop.Service<Sampler>();
        Totals before = sampler.Now();
        await ReadAsync(1, times: 4);
        await ReadAsync(4711, times: 2);
        Totals after = sampler.Now();

        Assert.Equal(4, Grown("millpond.hits"));
        Assert.Equal(2, after.Misses - before.Misses);
        Assert.Equal(2, Grown("millpond.loads"));
        Assert.Equal((6, 3, 10), (after.Requests - before.Requests, after.Reads - before.Reads, after.ReadsWithoutCache - before.ReadsWithoutCache));

        double Grown(string instrument) => after.Sum(instrument) - before.Sum(instrument);
    }

    [Fact(Timeout = PatienceMs)]
    public async Task A_page_that_opens_is_told_what_there_is_what_was_and_then_each_second()
    {
        await using Stream stream = await _shop.Client.GetStreamAsync(new Uri("/live", UriKind.Relative), Cancellation);
        await ReadAsync(1, times: 1);
        var kinds = new List<string>();
        await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync(Cancellation))
        {
            kinds.Add(item.EventType);
            if (item.EventType == "about")
            {
                Assert.Equal(5, JsonDocument.Parse(item.Data).RootElement.GetProperty("products").GetInt32());
            }

            if (item.EventType == "sample" && JsonDocument.Parse(item.Data).RootElement.GetProperty("top").GetArrayLength() > 0)
            {
                break;
            }
        }

        Assert.Equal(["about", "history", "sample"], kinds.Distinct());
        Assert.Contains("req/s", _shop.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_explained_without_being_loaded()
    {
        Said? said = await _shop.Client.GetFromJsonAsync<Said>("/explain/1", Cancellation);

        Assert.Contains("product", said?.Text, StringComparison.Ordinal);
        Assert.Equal(0, _shop.Source.Sent.Total);
    }

    [Fact(Timeout = PatienceMs)]
    public async Task The_built_in_load_asks_over_HTTP_until_it_is_told_to_stop()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var driver = CatalogHost.Driver(_shop.App, _shop.Options);
        Task running = driver.RunAsync(_shop.Client.BaseAddress!, end.Token);
        await foreach (LiveSample sample in _shop.Service<LivePage>().SubscribeAsync(Cancellation))
        {
            if (sample.Requests > 100 && sample.Cache.HitRatio > 0.5 && sample.Http is not null)
            {
                break;
            }
        }

        await end.CancelAsync();
        await running;
        Assert.Equal(0, _shop.Service<Catalog.Load.LoadFigures>().Broken);
    }

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    private async Task ReadAsync(int id, int times)
    {
        for (int time = 0; time < times; time++)
        {
            using HttpResponseMessage response = await _shop.Client.GetAsync(new Uri($"/products/{id}", UriKind.Relative), Cancellation);
        }
    }
}
