using Catalog.Instances;
using Catalog.Options;
using Catalog.Shop;

namespace Catalog.Page;

/// <summary>Once a second: a sample for the pages and a line for the terminal.</summary>
internal sealed class Ticker(Sampler sampler, PageViews views, Fleet fleet, LivePage live, Terminal terminal, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await second.WaitForNextTickAsync(stoppingToken))
            {
                LiveSample sample = await fleet.WidenAsync(sampler.Take() with { Views = await views.SampleAsync(stoppingToken) }, stoppingToken);
                live.Publish(sample);
                terminal.Second(sample);
            }
        }
        catch (OperationCanceledException)
        {
            // The ordinary end.
        }
    }
}
