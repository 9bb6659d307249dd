using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Engines.Live;
using Millpond.Resp;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>Processes that follow a carrier and are killed, while messages come and others read; in the end nothing that is held may be older than the truth.</summary>
internal static class Deaths
{
    private const int Rows = 20;
    private const int Kills = 4;

    /// <param name="carrier">What carries the messages.</param>
    /// <param name="truth">Where the rows are.</param>
    /// <param name="shared">The shared tier.</param>
    /// <param name="accident">What happens besides, after a kill.</param>
    public static async Task RunAsync(ICarrier carrier, RespClient truth, RedisServer shared, Func<int, Task>? accident = null)
    {
        await using var cache = await CacheAsync(shared, truth);
        var things = cache.GetRequiredService<IKeyspace<int, string>>();
        List<Process> relays = [Start(carrier, shared), Start(carrier, shared)];
        try
        {
            var over = false;
            var writing = Task.Run(() => WriteAsync(carrier, truth, () => over));
            var reading = Task.Run(() => ReadAsync(things, () => over));
            for (var kill = 0; kill < Kills; kill++)
            {
                // Whoever is killed, one of the two had messages.
                await Task.Delay(700 + (kill * 130));
                await EndAsync(relays[kill % 2]);
                relays[kill % 2] = Start(carrier, shared);
                await (accident?.Invoke(kill) ?? Task.CompletedTask);
            }

            over = true;
            var writes = await writing;
            await reading;
            await UntilAsync(async () => await IsCurrentAsync(truth, things), "everything is current");
            await UntilAsync(carrier.IsEmptyAsync, "everything is applied and gone");
            Assert.True(writes > 20, $"{writes} writes");
        }
        finally
        {
            foreach (var relay in relays)
            {
                await EndAsync(relay);
            }
        }
    }

    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; i < 3_000 && !await holds(); i++)
        {
            await Task.Delay(20);
        }

        Assert.True(await holds(), what);
    }

    private static Process Start(ICarrier carrier, RedisServer shared)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Millpond.Postgres.Relay", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Millpond.Postgres.Relay.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, carrier.Relay.Server, shared.Address, carrier.Relay.Name, carrier.Relay.Mode]) { RedirectStandardOutput = true })!;
    }

    private static async Task EndAsync(Process relay)
    {
        relay.Kill();
        await relay.WaitForExitAsync();
        relay.Dispose();
    }

    private static async Task<ServiceProvider> CacheAsync(RedisServer shared, RespClient truth)
    {
        var provider = new ServiceCollection().AddMillpond(m => m
            .UseRedis(shared.Address)
            .AddKeyspace<int, string>("thing", k => k.Policy(p => (p.TimeToLive, p.Jitter) = (TimeSpan.FromHours(1), 0)).Load(async (id, token) => (await truth.ExecuteAsync(new RespCommand("HGET", "truth", (long)id), token)).Text)))
            .BuildServiceProvider();
        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            await hosted.StartAsync(default);
        }

        return provider;
    }

    private static async Task<int> WriteAsync(ICarrier carrier, RespClient truth, Func<bool> isOver)
    {
        var random = new Random(11);
        var writes = 0;
        while (!isOver())
        {
            // Told before it is shown, now and then, as a database may.
            var id = random.Next(1, Rows + 1);
            var tell = carrier.AddAsync($$"""{"id":{{id}}}""", Written.Envelope("u", new { id }, new { id }));
            await Task.Delay(random.Next(5));
            await truth.ExecuteAsync("HINCRBY", "truth", (long)id, 1L);
            await tell;
            writes++;
        }

        return writes;
    }

    private static async Task ReadAsync(IKeyspace<int, string> things, Func<bool> isOver)
    {
        var random = new Random(12);
        while (!isOver())
        {
            await things.GetAsync(random.Next(1, Rows + 1));
            await Task.Delay(1);
        }
    }

    private static async Task<bool> IsCurrentAsync(RespClient truth, IKeyspace<int, string> things)
    {
        for (var id = 1; id <= Rows; id++)
        {
            if (await things.GetAsync(id) != (await truth.ExecuteAsync("HGET", "truth", (long)id)).Text)
            {
                return false;
            }
        }

        return true;
    }
}
