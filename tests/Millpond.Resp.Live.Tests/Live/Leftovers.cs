using System.Diagnostics;
using Millpond.Engines.Live;
using Millpond.Resp.Commands;
using Millpond.Resp.Connections;

namespace Millpond.Resp.Live.Tests.Live;

/// <summary>Alone: what is counted here is the process's.</summary>
[CollectionDefinition(nameof(Leftovers), DisableParallelization = true)]
[Collection(nameof(Leftovers))]
public class Leftovers
{
    private const int Callers = 48;
    private static readonly TimeSpan QuietWithin = TimeSpan.FromSeconds(10);

    private static TimeSpan Time =>
        TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("MILLPOND_SOAK_SECONDS") ?? "12", System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public async Task Whatever_happens_to_the_server_no_call_hangs_gets_anothers_reply_or_leaves_anything_behind()
    {
        await using var server = await RedisServer.StartAsync();
        var outBefore = await OutAsync();
        var client = new RespClient(RespOptions.Parse(server.Address + ",timeout=400,keepAlive=1,connectTimeout=500") with { Queues = new RespQueueLimits { InFlightMax = 32, WaitingMax = 64 } });
        var quiet = new List<Footprint>();
        var started = Stopwatch.GetTimestamp();
        for (var round = 0; round < 6 || Stopwatch.GetElapsedTime(started) < Time; round++)
        {
            var load = new MixedLoad(client, Callers);
            await AnsweredAsync(load, client, 300);
            await HappenAsync(round % 6, server);
            await AnsweredAsync(load, client, 300);
            await load.EndAsync();
            Assert.True(load.Counts.Cancelled > 0, "Nothing was cancelled.");
            await UntilQuietAsync(client);
            quiet.Add(await Footprint.TakeAsync(outBefore));
        }

        // The first rounds fill pools and make whatever is made once.
        var (early, late) = (quiet.Take(3).ToList(), quiet[^1]);
        Assert.All(quiet, f => Assert.Equal(0, f.CommandsOut));
        Assert.True(late.Sockets <= early.Max(f => f.Sockets) && late.Timers <= early.Max(f => f.Timers) + 1, string.Join('\n', quiet));
        Assert.True(late.Bytes < early.Max(f => f.Bytes) + 2_000_000, string.Join('\n', quiet));

        // A buffer for each thread that has written a command, and three for each connection.
        Assert.True(late.Buffers <= ThreadPool.ThreadCount + 16, string.Join('\n', quiet));

        await client.DisposeAsync();
        await UntilAsync(() => client.Activity == default, () => $"After disposal: {client.Activity}");
        Assert.True(Footprint.CountSockets() <= early.Max(f => f.Sockets) - 1, "A connection outlived the client.");
    }

    [Fact]
    public async Task A_call_that_finds_the_queue_full_just_when_its_last_reply_comes_is_not_forgotten()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address) with { Queues = new RespQueueLimits { InFlightMax = 1 } });
        var isOver = false;
        var callers = Enumerable.Range(0, 2).Select(i => Task.Run(async () =>
        {
            // Now sooner, now later than the other's reply.
            var random = new Random(i);
            while (!Volatile.Read(ref isOver))
            {
                Thread.SpinWait(random.Next(600));
                await client.ExecuteAsync("PING");
            }
        })).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(3));
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(callers);
    }

    private static async Task HappenAsync(int what, RedisServer server)
    {
        await using var administrator = new RespClient(RespOptions.Parse(server.Address + ",name=administrator,timeout=5000"));
        switch (what)
        {
            case 0:
                await server.KillAsync();
                await Task.Delay(100);
                await server.LaunchAsync();
                break;
            case 1:
                // Shorter than it takes to be noticed: only deadlines end calls.
                await server.PauseAsync();
                await Task.Delay(700);
                await server.ResumeAsync();
                break;
            case 2:
                // Longer: the connection is found dead, and others are not answered.
                await server.PauseAsync();
                await Task.Delay(2_500);
                await server.ResumeAsync();
                break;
            case 3:
                for (var i = 0; i < 30; i++)
                {
                    await administrator.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                    await Task.Delay(10);
                }

                break;
            case 4:
                await administrator.ExecuteAsync("DEBUG", "SLEEP", "0.6");
                break;
        }
    }

    private static async Task AnsweredAsync(MixedLoad load, RespClient client, long more)
    {
        var wanted = load.Counts.Answered + more;
        await UntilAsync(() => load.Counts.Answered >= wanted, () => $"Calls are not answered any more: {load.Counts}; {client.Activity}");
    }

    private static Task UntilQuietAsync(RespClient client) => UntilAsync(
        () => client.Activity is { InFlight: 0, Waiting: 0, Undelivered: 0 }, () => $"Nobody calls, and this is left: {client.Activity}");

    private static async Task UntilAsync(Func<bool> wanted, Func<string> complaint)
    {
        var started = Stopwatch.GetTimestamp();
        while (!wanted())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < QuietWithin, complaint());
            await Task.Delay(10);
        }
    }

    // What other tests never awaited may be out for good, so it is compared with what was out before.
    private static async Task<long> OutAsync()
    {
        await Task.Delay(50);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return PoolLedger.Out;
    }

    /// <summary>What the process holds while nobody calls.</summary>
    private sealed record Footprint(long CommandsOut, int Sockets, long Timers, long Bytes, long Buffers)
    {
        public static async Task<Footprint> TakeAsync(long outBefore)
        {
            // The last carrier lets go of its command a moment after the caller went on.
            var left = await OutAsync() - outBefore;
            for (var i = 0; i < 50 && left != 0; i++)
            {
                left = await OutAsync() - outBefore;
            }

            // Without large objects, which are the array pool's: what was returned to it, it keeps for a while, up to some megabytes for each size.
            GC.Collect();
            var memory = GC.GetGCMemoryInfo(GCKind.FullBlocking);
            var bytes = memory.HeapSizeBytes - memory.FragmentedBytes - memory.GenerationInfo[3].SizeAfterBytes + memory.GenerationInfo[3].FragmentationAfterBytes;
            return new Footprint(left, CountSockets(), Timer.ActiveCount, bytes, GrowingBuffer.Rented);
        }

        public static int CountSockets() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(IsSocket);

        private static bool IsSocket(string path)
        {
            try
            {
                return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name.StartsWith("socket:", StringComparison.Ordinal) == true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }
}
