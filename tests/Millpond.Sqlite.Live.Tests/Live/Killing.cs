using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Engines.Live;
using Millpond.Feeds;

namespace Millpond.Sqlite.Live.Tests.Live;

/// <summary>Processes that drain an outbox, or follow by triggers, and are killed at any moment, while rows are written and other processes read.</summary>
public sealed class Killing : IDisposable
{
    private const int Rows = 20;
    private const int Kills = 4;

    private readonly TemporaryDatabase _database = new();
    private readonly SqliteOutbox _outbox = new("live");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite-outbox")]
    [InlineData("sqlite")]
    public async Task A18_A19_drainer_is_killed_at_random_moments_and_nothing_is_lost(string mode)
    {
        _database.Run([.. Enumerable.Range(1, Rows).Select(id => $"INSERT INTO things VALUES ({id}, 7, '0')")]);
        await using var shared = await RedisServer.StartAsync();
        await using var provider = await CacheAsync(shared);
        var things = provider.GetRequiredService<IKeyspace<int, string>>();
        await using var relays = new Relays(() => new Relay(_database.Path, shared.Address, mode));
        await relays.UntilOneFollowsAsync();

        var isOver = false;
        Task<int>[] writing = [.. Enumerable.Range(1, 2).Select(seed => Task.Run(() => WriteAsync(mode == "sqlite-outbox", seed, () => isOver)))];
        Task[] reading = [.. Enumerable.Range(10, 3).Select(seed => Task.Run(() => ReadAsync(things, seed, () => isOver)))];
        var random = new Random(7);
        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(random.Next(100, 900), Token);
            await relays.KillWhoFollowsAsync();
            await relays.UntilOneFollowsAsync();
        }

        isOver = true;
        var writes = (await Task.WhenAll(writing)).Sum();
        await Task.WhenAll(reading);
        await UntilAsync(async () => await IsCurrentAsync(things), "everything that is held is what the database has");
        await UntilAsync(() => new(Ask($"SELECT count(*) FROM {_outbox.Table}") == "0"), "everything has been applied and deleted");
        Assert.True(writes > 20, $"{writes} writes");
        TestContext.Current.TestOutputHelper?.WriteLine($"{mode}: {writes} writes, {Kills} kills, hand-overs of {string.Join(", ", relays.HandOvers.Select(one => $"{one.TotalMilliseconds:F0}"))} ms, 0 stale");
    }

    public void Dispose() => _database.Dispose();

    internal static async Task UntilAsync(Func<ValueTask<bool>> holds, string what)
    {
        for (var i = 0; i < 1_500 && !await holds(); i++)
        {
            await Task.Delay(20, Token);
        }

        Assert.True(await holds(), what);
    }

    private async Task<ServiceProvider> CacheAsync(RedisServer shared)
    {
        var provider = new ServiceCollection()
            .AddMillpond(m => m.UseRedis(shared.Address).AddKeyspace<int, string>("thing", k => k
                .Policy(p => (p.TimeToLive, p.Jitter) = (TimeSpan.FromHours(1), 0))
                .Load((id, _) => new(Ask($"SELECT note FROM things WHERE id = {id}")))))
            .BuildServiceProvider();
        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            await hosted.StartAsync(Token);
        }

        return provider;
    }

    private async Task<int> WriteAsync(bool tells, int seed, Func<bool> isOver)
    {
        var random = new Random(seed);
        var writes = 0;
        await using var connection = _database.Open();
        while (!isOver())
        {
            var id = random.Next(1, Rows + 1);
            await using var transaction = connection.BeginTransaction();
            await using var command = connection.CreateCommand();
            (command.Transaction, command.CommandText) = (transaction, string.Create(CultureInfo.InvariantCulture, $"UPDATE things SET note = note + 1 WHERE id = {id}"));
            command.ExecuteNonQuery();
            if (tells)
            {
                await _outbox.AddAsync(transaction, [new RowChange("things", RowChangeKind.Update, RowValues.Of(("id", id)), RowValues.Of(("id", id)))], Token);
            }

            if (random.Next(10) == 0)
            {
                transaction.Rollback();
            }
            else
            {
                transaction.Commit();
                writes++;
            }

            await Task.Delay(2, Token);
        }

        return writes;
    }

    private static async Task ReadAsync(IKeyspace<int, string> things, int seed, Func<bool> isOver)
    {
        var random = new Random(seed);
        while (!isOver())
        {
            await things.GetAsync(random.Next(1, Rows + 1), Token);
            await Task.Delay(1, Token);
        }
    }

    private async ValueTask<bool> IsCurrentAsync(IKeyspace<int, string> things)
    {
        for (var id = 1; id <= Rows; id++)
        {
            if (await things.GetAsync(id, Token) != Ask(string.Create(CultureInfo.InvariantCulture, $"SELECT note FROM things WHERE id = {id}")))
            {
                return false;
            }
        }

        return true;
    }

    private string? Ask(string query)
    {
        using var connection = _database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
