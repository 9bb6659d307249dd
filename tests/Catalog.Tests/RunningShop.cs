using Catalog.Database;
using Catalog.Drills;
using Catalog.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Millpond;
using Millpond.Shared;

namespace Catalog.Tests;

/// <summary>The service on a free port over the fixture's five products, and a client for it.</summary>
internal sealed class RunningShop : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    private RunningShop(ISharedTier? tier)
    {
        Options = new CatalogOptions { Port = 0, Load = false };
        _app = CatalogHost.Build(Options, _folder.Database(), Output, cache => Use(cache, tier));
    }

    public CatalogOptions Options { get; }

    public StringWriter Output { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public SourceSwitch Source => Service<SourceSwitch>();

    public WebApplication App => _app;

    /// <summary>An instance on this shared tier; without one, on its own.</summary>
    public static async Task<RunningShop> StartAsync(ISharedTier? tier = null)
    {
        var shop = new RunningShop(tier);
        await shop._app.StartAsync(TestContext.Current.CancellationToken);
        shop.Client = new HttpClient { BaseAddress = new Uri(shop._app.Urls.First()) };
        return shop;
    }

    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    private static void Use(MillpondBuilder cache, ISharedTier? tier)
    {
        if (tier is not null)
        {
            cache.UseSharedTier(services => new SwitchedTier(tier, services.GetRequiredService<TierSwitch>()));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
        await Output.DisposeAsync();
        _folder.Dispose();
    }
}
