using Catalog.Instances;
using Catalog.Load;
using Catalog.Options;
using Catalog.Shop;

namespace Catalog;

/// <summary>One run from the start to the closing summary: of the only instance, of the first with its others, or of one of those.</summary>
internal static class CatalogRun
{
    public static async Task<int> RunAsync(CatalogOptions options, string database)
    {
        bool isFirst = options.Instance == 1;
        await using WebApplication app = CatalogHost.Build(options, database, isFirst ? Console.Out : TextWriter.Null);
        await app.StartAsync();
        var address = new Uri(app.Urls.First());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(app.Lifetime.ApplicationStopping);
        if (!isFirst)
        {
            EndWithInput(app.Lifetime);
        }

        IReadOnlyList<InstanceProcess> others;
        try
        {
            others = await InstanceProcess.StartAllAsync(options, end.Token);
        }
        catch (OperationCanceledException)
        {
            // Asked to end before all were there.
            return 0;
        }

        var fleet = app.Services.GetRequiredService<Fleet>();
        try
        {
            if (others.Count > 0)
            {
                fleet.Gather([address, .. others.Select(other => other.Address)]);
            }

            new Terminal(Console.Out).Listening(address);
            if (await IsReadyAsync(app, end.Token))
            {
                await ServeAsync(app, options, address, end);
            }

            InstanceTotals totals = await fleet.TotalsAsync(CancellationToken.None);
            await app.StopAsync();
            app.Services.GetRequiredService<Terminal>().Closing(totals);
        }
        finally
        {
            await Task.WhenAll(others.Select(other => other.DisposeAsync().AsTask()));
        }

        return 0;
    }

    /// <summary>Waits until it is warm before anybody sends it anything; false if it is to end before that.</summary>
    private static async Task<bool> IsReadyAsync(WebApplication app, CancellationToken end)
    {
        try
        {
            app.Services.GetRequiredService<Terminal>().Warm(await WarmStart.UntilReadyAsync(app.Services, end));
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Until the time is over or somebody asks it to end.</summary>
    private static async Task ServeAsync(WebApplication app, CatalogOptions options, Uri address, CancellationTokenSource end)
    {
        if (options.For is { } duration)
        {
            end.CancelAfter(duration);
        }

        using LoadDriver driver = CatalogHost.Driver(app, options);
        await (options.Load ? driver.RunAsync(address, end.Token) : Task.Delay(Timeout.Infinite, end.Token).ContinueWith(_ => { }, TaskScheduler.Default));
    }

    /// <summary>The first instance holds the other end, which the system closes however it ends. A thread of its own, because reading blocks.</summary>
    private static void EndWithInput(IHostApplicationLifetime lifetime) =>
        new Thread(() =>
        {
            using Stream input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
            }

            lifetime.StopApplication();
        })
        { IsBackground = true, Name = "end of input" }.Start();
}
