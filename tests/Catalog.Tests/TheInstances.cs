using System.Net.Http.Json;
using Catalog.Database;
using Catalog.Endpoints;
using Catalog.Instances;
using Catalog.Page;
using Millpond.Shared.InProcess;

namespace Catalog.Tests;

/// <summary>Two instances on one shared tier, each with a database of its own, so that one can see whose database was asked.</summary>
public sealed class TheInstances : IAsyncLifetime
{
    private readonly InProcessSharedTier _tier = new(new InProcessSharedTierOptions { PayloadBytesMax = 1 << 20 });
    private RunningShop _first = null!;
    private RunningShop _second = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _first = await RunningShop.StartAsync(_tier);
        _second = await RunningShop.StartAsync(_tier, beside: _first);
        Gather(_first.Service<Fleet>());
    }

    [Fact]
    public async Task What_one_instance_loaded_the_other_has_from_the_shared_tier()
    {
        await ReadAsync(_first, times: 2);
        await ReadAsync(_second, times: 2);

        InstanceTotals first = await TotalsAsync(_first);
        InstanceTotals second = await TotalsAsync(_second);
        Assert.Equal((1, 0, 1, 1, 2), (first.Local, first.Shared, first.Misses, first.Loads, first.Reads));
        Assert.Equal((1, 1, 0, 0, 0), (second.Local, second.Shared, second.Misses, second.Loads, second.Reads));
        Assert.All([first, second], one => Assert.True(one.Heard && one.Tier.Length > 0));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_stock_that_is_changed_through_one_is_read_from_all()
    {
        await ReadAsync(_first, times: 1);
        await ReadAsync(_second, times: 1);
        using HttpResponseMessage response = await _first.Client.PostAsync(new Uri("/instances/stock/1", UriKind.Relative), null, Cancellation);
        Said? said = await response.Content.ReadFromJsonAsync<Said>(Cancellation);

        Assert.Contains("revision 2 now, with 9 on the shelf. All 2 instances", said?.Text, StringComparison.Ordinal);
        Assert.Equal(9, (await _second.Client.GetFromJsonAsync<Product>("/products/1", Cancellation))?.Stock);
    }

    [Fact]
    public async Task The_page_gets_each_instance_and_the_queries_of_all()
    {
        using var fleet = new Fleet(_first.Service<InstanceFigures>());
        Gather(fleet);
        LiveSample empty = _first.Service<Sampler>().Take();
        await fleet.WidenAsync(empty, Cancellation);
        await ReadAsync(_first, times: 1);
        await ReadAsync(_second, times: 3);
        LiveSample wide = await fleet.WidenAsync(empty, Cancellation);

        Assert.Equal([(1, true, true), (2, true, true)], wide.Instances.Select(one => (one.Number, one.Answers, one.Heard)));
        Assert.All(wide.Instances, one => Assert.True(one.Requests > 0));
        Assert.Equal((true, 0.0), (wide.Instances[0].Reads > 0, wide.Instances[1].Reads));
        Assert.Equal((wide.Instances.Sum(one => one.Reads), wide.Instances.Sum(one => one.WithoutCache)), (wide.Database.Reads, wide.Database.WithoutCache));
        Assert.Equal(4, (await fleet.TotalsAsync(Cancellation)).Requests);
    }

    [Fact]
    public async Task An_instance_that_is_gone_is_shown_so_and_its_last_figures_count()
    {
        using var fleet = new Fleet(_first.Service<InstanceFigures>());
        Gather(fleet);
        await ReadAsync(_second, times: 3);
        await fleet.TotalsAsync(Cancellation);
        await _second.App.StopAsync(Cancellation);
        LiveSample sample = await fleet.WidenAsync(_first.Service<Sampler>().Take(), Cancellation);

        Assert.Equal([true, false], sample.Instances.Select(one => one.Answers));
        Assert.Equal(3, (await fleet.TotalsAsync(Cancellation)).Requests);
    }

    [Fact]
    public async Task A_drill_reaches_all_instances_and_ends_at_all()
    {
        await DrillAsync("stop");
        Assert.True(_first.Source.Stopped.IsOn && _second.Source.Stopped.IsOn);

        await DrillAsync("stop");
        Assert.False(_first.Source.Stopped.IsOn || _second.Source.Stopped.IsOn);
    }

    public async ValueTask DisposeAsync()
    {
        // The first has the folder that both use.
        await _second.DisposeAsync();
        await _first.DisposeAsync();
    }

    /// <summary>The host's own fleet is asked once a second besides, so what counts from one question to the next has one that only the test asks.</summary>
    private void Gather(Fleet fleet)
    {
        fleet.Patience = TimeSpan.FromMinutes(1);
        fleet.Gather([_first.Client.BaseAddress!, _second.Client.BaseAddress!]);
    }

    private static async Task ReadAsync(RunningShop shop, int times)
    {
        for (int time = 0; time < times; time++)
        {
            Assert.NotNull(await shop.Client.GetFromJsonAsync<Product>("/products/1", Cancellation));
        }
    }

    private static async Task<InstanceTotals> TotalsAsync(RunningShop shop) =>
        await shop.Client.GetFromJsonAsync<InstanceTotals>("/figures", Cancellation) ?? throw new InvalidOperationException("No figures.");

    private async Task DrillAsync(string name)
    {
        using HttpResponseMessage response = await _first.Client.PostAsync(new Uri($"/drills/{name}", UriKind.Relative), null, Cancellation);
        response.EnsureSuccessStatusCode();
    }
}
