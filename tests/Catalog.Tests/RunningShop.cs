using System.ComponentModel;
using Catalog.Database;
using Catalog.Drills;
using Catalog.Operating;
using Catalog.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Millpond;
using Millpond.Feeds;
using Millpond.Shared;

namespace Catalog.Tests;

/// <summary>The service on a free port over the fixture's five products, and a client for it.</summary>
internal sealed class RunningShop : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;
    private readonly string _database;

    private RunningShop(ISharedTier? tier, string? database)
    {
        Options = new CatalogOptions { Port = 0, Load = false, Instance = database is null ? 1 : 2 };
        _database = database ?? _folder.Database();
        _app = CatalogHost.Build(Options, _database, Output, cache => Use(cache, tier));
    }

    public CatalogOptions Options { get; }

    public StringWriter Output { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public SourceSwitch Source => Service<SourceSwitch>();

    public WebApplication App => _app;

    public string SecretFile => OperatorEndpoints.FileOf(_database);

    /// <summary>An instance on this shared tier, and on another instance's database; without them, on its own.</summary>
    public static async Task<RunningShop> StartAsync(ISharedTier? tier = null, RunningShop? beside = null)
    {
        var shop = new RunningShop(tier, beside?._database);
        await shop._app.StartAsync(TestContext.Current.CancellationToken);
        shop.Client = new HttpClient { BaseAddress = new Uri(shop._app.Urls.First()) };

        // What was before the feed began to follow is not known to it, and so in doubt once.
        await shop.UntilTheFeedFollowsAsync();
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

    private async Task UntilTheFeedFollowsAsync()
    {
        var began = Environment.TickCount64;
        while (Service<ICache>().Statistics().Feeds.Single() is not ({ State: FeedState.Following, Lag: not null } or { State: FeedState.Standby }))
        {
            Assert.True(Environment.TickCount64 - began < 30_000, "The feed does not follow the database.");
            using HttpResponseMessage _ = await Client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Writes to the database as another program does: with SQLite's shell, where this machine has it.</summary>
    public void WriteAside(string statement)
    {
        try
        {
            using System.Diagnostics.Process shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sqlite3", ["-bail", "-cmd", ".timeout 20000", _database, statement]))!;
            shell.WaitForExit();
            Assert.Equal(0, shell.ExitCode);
            return;
        }
        catch (Win32Exception)
        {
            // It has not.
        }

        using var connection = new SqliteConnection($"Data Source={_database};Mode=ReadWrite;Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
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
