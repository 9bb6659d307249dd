using Catalog.Database;
using Catalog.Drills;
using Catalog.Endpoints;
using Catalog.Instances;
using Catalog.Load;
using Catalog.Operating;
using Catalog.Options;
using Catalog.Page;
using Catalog.Shop;
using Microsoft.Extensions.FileProviders;
using Millpond;

namespace Catalog;

/// <summary>Puts the service together: database, keyspaces, shop, page. Nothing is sent until the load driver is started.</summary>
internal static class CatalogHost
{
    /// <summary>The built-in load; separate from the host, because it is the host's client.</summary>
    public static LoadDriver Driver(WebApplication app, CatalogOptions options)
    {
        var time = app.Services.GetRequiredService<TimeProvider>();
        var crowd = app.Services.GetRequiredService<FlashCrowd>();

        // The seed is fixed: two runs ask for the same things in the same order. Each instance has its own.
        var mix = new RequestMix(app.Services.GetRequiredService<HotList>(), crowd, time, new Random(options.Instance));
        return new LoadDriver(mix, crowd, app.Services.GetRequiredService<LoadFigures>(), time, options.RateOf(options.Instance));
    }

    public static WebApplication Build(CatalogOptions options, string database, TextWriter output) =>
        Build(options, database, output, cache => ShopRegistration.UseEngine(cache, options.Engine));

    public static WebApplication Build(CatalogOptions options, string database, TextWriter output, Action<MillpondBuilder> sharedTier)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);

        // That the host did not start, for want of the port say, is told by Program in one line; a page of stack adds nothing.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);

        // Each look at a readiness that is not green yet would be an error with its text; the terminal says when it is.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
        builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        PageViews.Prepare(database);
        builder.Services.AddShopKeyspaces(database, options.Instance, sharedTier);
        AddServices(builder.Services, options, database, output);

        WebApplication app = builder.Build();
        var pages = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = pages });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = pages,
            OnPrepareResponse = static context => context.Context.Response.Headers.CacheControl = "no-cache",
        });
        app.MapShop();
        app.MapPage();
        app.MapInstances();
        app.MapOperator(database);
        app.MapHealthChecks("/ready", new() { Predicate = check => check.Tags.Contains(WarmStart.Ready) });

        // Before the server waits for its connections to end: an open page's would not.
        app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<LivePage>().End);

        // The listener must be there before the first measurement.
        app.Services.GetRequiredService<CacheMeter>();
        return app;
    }

    private static void AddServices(IServiceCollection services, CatalogOptions options, string database, TextWriter output)
    {
        HotList hot = HotList.Read(database);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(hot);
        services.AddSingleton<SourceSwitch>().AddSingleton<TierSwitch>();
        services.AddSingleton(provider => new CatalogDatabase(database, provider.GetRequiredService<SourceSwitch>()));
        services.AddSingleton<ProductQueries>().AddSingleton<CategoryQueries>().AddSingleton<RelatedQueries>();
        services.AddSingleton<SuggestionQueries>().AddSingleton<ProductWrites>();
        services.AddSingleton(_ => new ProductNames(database));

        services.AddSingleton(provider => new PageViews(provider.GetRequiredService<IMergedCounters<int>>(), provider.GetRequiredService<ICache>(), database));
        services.AddSingleton<CatalogShop>().AddSingleton<ShopTraffic>();
        services.AddSingleton<FlashCrowd>().AddSingleton<LoadFigures>();
        services.AddSingleton(options).AddSingleton<TierKeys>();
        services.AddSingleton<DrillBoard>().AddSingleton<DrillActions>();

        services.AddMetrics();
        services.AddSingleton<CacheMeter>().AddSingleton<Sampler>();
        services.AddSingleton<MillpondHealthCheck>().AddSingleton<InstanceFigures>().AddSingleton<Fleet>().AddSingleton<StockEverywhere>();
        services.AddSingleton(new HotKeys(hot.Products.Max()));
        services.AddSingleton(new LivePage(new About(
            hot.Products.Count, hot.Categories.Count, options.Load, options.Rate, AgeBuckets.Labels)));
        services.AddSingleton(new Terminal(output));
        services.AddHostedService<Ticker>();
    }
}
