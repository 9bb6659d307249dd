using System.Diagnostics;
using Millpond.Engines.Live;
using Npgsql;

namespace Regions;

/// <summary>Two clusters, the far one a subscriber of the home one, and everything that Millpond asks of both.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    // Those that the subscription copies before it follows them.
    private const int TablesCount = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<IAsyncDisposable> _started = [];
    private PostgresServer _homeDatabase = null!;
    private PostgresServer _farDatabase = null!;

    public Region Home { get; private set; } = null!;

    public Region Far { get; private set; } = null!;

    public static async Task<Deployment> StartAsync()
    {
        var deployment = new Deployment();
        try
        {
            await deployment.LaunchAsync();
            return deployment;
        }
        catch
        {
            await deployment.DisposeAsync();
            throw;
        }
    }

    /// <summary>A user's change, committed in the home database.</summary>
    public Task WriteAsync(int id, long pieces) => RunAsync(_homeDatabase, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"update stock set pieces = {pieces} where id = {id}"));

    public Task CutAsync() => RunAsync(_farDatabase, "alter subscription home disable");

    public Task HealAsync() => RunAsync(_farDatabase, "alter subscription home enable");

    public static async Task UntilAsync(Func<ValueTask<bool>> holds, string what)
    {
        var began = Stopwatch.StartNew();
        while (!await holds())
        {
            if (began.Elapsed > Patience)
            {
                throw new TimeoutException($"Not within {Patience.TotalSeconds:F0} s: {what}.");
            }

            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_started))
        {
            await one.DisposeAsync();
        }
    }

    private async Task LaunchAsync()
    {
        var (home, far) = (PostgresServer.StartAsync(), PostgresServer.StartAsync());
        _started.Add(_homeDatabase = await home);
        _started.Add(_farDatabase = await far);
        var (homeRedis, farRedis) = (await RedisServer.StartAsync(), await RedisServer.StartAsync());
        _started.AddRange([homeRedis, farRedis]);
        string[] tables =
        [
            "create table public.stock (id int primary key, pieces bigint not null)",
            "create table public.millpond_beacons (region text primary key, run text not null, number bigint not null, system bigint not null, timeline bigint not null, place pg_lsn not null)",
        ];
        await RunAsync(_homeDatabase, [.. tables, $"insert into stock select i, 0 from generate_series(1, {Region.Rows}) i", "create publication regions for table public.stock, public.millpond_beacons"]);
        await RunAsync(_farDatabase, [.. tables, $"create subscription home connection 'host=127.0.0.1 port={_homeDatabase.Port} user=millpond dbname=postgres sslmode=disable gssencmode=disable' publication regions with (synchronous_commit = local)"]);
        await UntilAsync(async () => await CountAsync(_farDatabase) == TablesCount, "the far database has the rows");
        _started.Add(Home = await Region.StartAsync(_homeDatabase, homeRedis, _homeDatabase));
        _started.Add(Far = await Region.StartAsync(_farDatabase, farRedis, _homeDatabase));
        await UntilAsync(() => new(Home.Feed.Lag is not null && Far.Feed.Lag is not null), "both regions are followed, and home's beacons come back to the far one");
    }

    private static async Task RunAsync(PostgresServer server, params IEnumerable<string> statements)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task<long> CountAsync(PostgresServer server)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from pg_subscription_rel where srsubstate = 'r'", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
