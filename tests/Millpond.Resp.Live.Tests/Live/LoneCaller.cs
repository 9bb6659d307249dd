using System.Diagnostics;
using Millpond.Engines.Live;
using Millpond.Resp.Connections;

namespace Millpond.Resp.Live.Tests.Live;

/// <summary>Alone: what is counted here is the process's. The thread that receives lingers for a lone caller's next reply.</summary>
[Collection(nameof(Leftovers))]
public class LoneCaller
{
    [Fact]
    public async Task Calls_that_follow_each_other_mostly_wait_for_no_thread_to_wake()
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "With one processor nobody lingers: the server needs it.");
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        await CallAsync(client, 1_000);
        var before = Linger.Found;
        await CallAsync(client, 10_000);
        Assert.InRange(Linger.Found - before, 3_000, 10_000);
    }

    [Fact]
    public async Task Many_callers_are_lingered_for_by_nobody()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        await CallAsync(client, 10);
        var before = Linger.Found;
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => CallHereAsync(client, 500))));
        Assert.InRange(Linger.Found - before, 0, 4_000);
    }

    [Fact]
    public async Task A_callers_code_that_blocks_on_a_reply_behind_its_own_gets_it()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",timeout=20000"));
        var slowest = await Task.Run(() => BlockAsync(client));
        Assert.InRange(slowest.TotalSeconds, 0, 5);
    }

    [Fact]
    public async Task A_callers_code_that_works_for_long_holds_up_nobody_elses_reply()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",timeout=20000"));
        var slowest = await Task.Run(() => WorkAsync(client));
        Assert.InRange(slowest.TotalSeconds, 0, 0.9);
    }

    [Fact]
    public async Task A_connection_that_ends_while_nobody_receives_is_noticed()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        for (var i = 0; i < 10; i++)
        {
            await CallAsync(client, 200);
            await server.KillAsync();
            await server.LaunchAsync();
            await UntilServedAsync(client);
        }
    }

    private static async Task UntilServedAsync(RespClient client)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await CallAsync(client, 1);
                return;
            }
            catch (RespException) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10))
            {
                await Task.Delay(10);
            }
        }
    }

    private static async Task<TimeSpan> BlockAsync(RespClient client)
    {
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 20; i++)
        {
            await CallAsync(client, 200);
            var started = Stopwatch.GetTimestamp();
            client.ExecuteAsync("PING").AsTask().GetAwaiter().GetResult();
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
        }

        return slowest;
    }

    private static async Task<TimeSpan> WorkAsync(RespClient client)
    {
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 5; i++)
        {
            await CallAsync(client, 200);
            var other = Task.Run(async () =>
            {
                var started = Stopwatch.GetTimestamp();
                await client.ExecuteAsync("PING");
                return Stopwatch.GetElapsedTime(started);
            });
            Thread.Sleep(1_000);
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, (await other).Ticks));
        }

        return slowest;
    }

    // Never on a test's own context, which would keep a caller from going on where its reply arrived.
    private static Task CallAsync(RespClient client, int times) => SynchronizationContext.Current is null ? CallHereAsync(client, times) : Task.Run(() => CallHereAsync(client, times));

    private static async Task CallHereAsync(RespClient client, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var text = $"{i}";
            Assert.Equal(text, (await client.ExecuteAsync(new RespCommand("ECHO", text) { Traits = RespTraits.Idempotent })).Text);
        }
    }
}
