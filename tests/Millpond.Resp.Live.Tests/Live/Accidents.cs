using System.Diagnostics;
using Millpond.Engines.Live;

namespace Millpond.Resp.Live.Tests.Live;

/// <summary>What happens to one server, under load: no call hangs, no caller gets another's reply, and the client comes back by itself.</summary>
public class Accidents
{
    [Fact]
    public async Task A_server_killed_and_started_again_is_used_again_and_counts_as_another_life()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        await using var load = new Workload(client);
        await load.UntilAnsweredAsync(1_000);
        var before = client.Servers[0].Incarnation;
        await server.KillAsync();
        await load.UntilFailedAsync();
        await server.LaunchAsync();
        await load.UntilAnsweredAsync(1_000);
        Assert.NotEqual(before, client.Servers[0].Incarnation);
    }

    [Fact]
    public async Task A_frozen_server_costs_its_callers_a_time_out_each_and_its_connection_in_the_end()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",timeout=300,keepAlive=1,connectTimeout=500"));
        await using var load = new Workload(client);
        await load.UntilAnsweredAsync(1_000);
        var (incarnation, frozen) = (client.Servers[0].Incarnation, Stopwatch.GetTimestamp());
        await server.PauseAsync();
        await load.UntilFailedAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(frozen).TotalSeconds, 0.2, 5);
        while (!load.Errors.ContainsKey(nameof(RespErrorCode.NotConnected)) && !load.Errors.ContainsKey(nameof(RespErrorCode.ConnectionLost)))
        {
            Assert.True(Stopwatch.GetElapsedTime(frozen) < TimeSpan.FromSeconds(20), "The connection never counted as dead.");
            await Task.Delay(20);
        }

        await server.ResumeAsync();
        await load.UntilAnsweredAsync(1_000);
        Assert.Equal(incarnation, client.Servers[0].Incarnation);
    }

    [Fact]
    public async Task Connections_that_the_server_ends_again_and_again_lose_no_call_and_mix_no_replies()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        await using var administrator = new RespClient(RespOptions.Parse(server.Address + ",name=administrator"));
        await using var load = new Workload(client);
        for (var i = 0; i < 20; i++)
        {
            await load.UntilAnsweredAsync(500);
            await administrator.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        }

        await load.UntilAnsweredAsync(500);
        Assert.True(load.Errors.Keys.All(k => k is nameof(RespErrorCode.ConnectionLost) or nameof(RespErrorCode.NotConnected)), string.Join(", ", load.Errors));
    }

    [Fact]
    public async Task A_slow_command_delays_others_and_fails_nobody_within_its_time()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",timeout=5000"));
        await using var load = new Workload(client);
        await load.UntilAnsweredAsync(500);
        await client.ExecuteAsync("DEBUG", "SLEEP", "0.5");
        await load.UntilAnsweredAsync(500);
        Assert.Equal(0, load.Failed);
    }
}
