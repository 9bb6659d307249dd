using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Engines.Live;
using Millpond.Resp;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>Processes that follow a stream and are killed, while messages come and others read.</summary>
public sealed class Killing
{
    private const int Rows = 20;
    private const string Stream = "shop.public.things";

    [Fact]
    public async Task A18_A19_process_is_killed_at_random_moments_and_nothing_is_lost()
    {
        await using var streams = await RedisServer.StartAsync();
        await using var shared = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(streams.Address));
        await using var cache = await CacheAsync(shared, client);
        var things = cache.GetRequiredService<IKeyspace<int, string>>();
        List<Process> relays = [Start(streams, shared), Start(streams, shared)];
        try
        {
            var over = false;
            var writing = Task.Run(() => WriteAsync(client, () => over));
            var reading = Task.Run(() => ReadAsync(things, () => over));
            for (var kills = 0; kills < 4; kills++)
            {
                // Whoever is killed, one of the two had the lead.
                await Task.Delay(700 + (kills * 130));
                var victim = relays[kills % 2];
                victim.Kill();
                await victim.WaitForExitAsync();
                victim.Dispose();
                relays[kills % 2] = Start(streams, shared);
            }

            over = true;
            var writes = await writing;
            await reading;
            await UntilAsync(async () => await IsCurrentAsync(client, things), "everything is current");
            await UntilAsync(async () => (await client.ExecuteAsync("XLEN", Stream)).Integer == 0, "everything is applied and deleted");
            Assert.True(writes > 20, $"{writes} writes");
        }
        finally
        {
            foreach (var relay in relays)
            {
                relay.Kill();
                await relay.WaitForExitAsync();
                relay.Dispose();
            }
        }
    }

    private static Process Start(RedisServer streams, RedisServer shared)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Millpond.Postgres.Relay", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Millpond.Postgres.Relay.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, streams.Address, shared.Address, Stream, "streams"]) { RedirectStandardOutput = true })!;
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

    private static async Task<int> WriteAsync(RespClient client, Func<bool> isOver)
    {
        var random = new Random(11);
        var writes = 0;
        while (!isOver())
        {
            // Told before it is shown, now and then, as a database may.
            var id = random.Next(1, Rows + 1);
            var tell = Written.AddAsync(client, Stream, $$"""{"id":{{id}}}""", Written.Envelope("u", new { id }, new { id }));
            await Task.Delay(random.Next(5));
            await client.ExecuteAsync("HINCRBY", "truth", (long)id, 1L);
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

    private static async Task<bool> IsCurrentAsync(RespClient client, IKeyspace<int, string> things)
    {
        for (var id = 1; id <= Rows; id++)
        {
            if (await things.GetAsync(id) != (await client.ExecuteAsync("HGET", "truth", (long)id)).Text)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; i < 1_500 && !await holds(); i++)
        {
            await Task.Delay(20);
        }

        Assert.True(await holds(), what);
    }
}
