using System.Diagnostics;
using Millpond.Engines.Live;

namespace Millpond.Resp.Live.Tests.Live;

/// <summary>What a network can do between a client and its server.</summary>
public class ThroughRelay
{
    [Theory]
    [InlineData(RelayDirection.Both)]
    [InlineData(RelayDirection.ToClient)]
    [InlineData(RelayDirection.ToServer)]
    public async Task A_quiet_connection_that_carries_nothing_any_more_is_found_within_twice_the_keep_alive(RelayDirection direction)
    {
        await using var server = await RedisServer.StartAsync();
        await using var relay = Relay.To(server.Port);
        await using var client = new RespClient(RespOptions.Parse(relay.Address + ",keepAlive=1,timeout=1000,connectTimeout=1000"));
        await client.ExecuteAsync("PING");
        var stalled = Stopwatch.GetTimestamp();
        relay.Stall(direction);
        Assert.Equal(1, client.Activity.Connections);
        await UntilAsync(() => client.Activity.Connections == 0);

        // Twice a second, a sweep, and a machine that is busy.
        Assert.InRange(Stopwatch.GetElapsedTime(stalled).TotalSeconds, 0.9, 4);
        relay.Resume(direction);
        await UntilServedAsync(client);
    }

    [Fact]
    public async Task A_subscription_behind_a_silent_network_is_told_of_its_gap_within_twice_the_keep_alive()
    {
        await using var server = await RedisServer.StartAsync();
        await using var relay = Relay.To(server.Port);
        await using var client = new RespClient(RespOptions.Parse(relay.Address + ",keepAlive=1,connectTimeout=1000"));
        var listener = new Listener();
        await using var subscription = await client.SubscribeAsync(RespChannel.Plain("news"), listener);
        var stalled = Stopwatch.GetTimestamp();
        relay.Stall(RelayDirection.ToClient);
        await listener.UntilAsync("gap");
        Assert.InRange(Stopwatch.GetElapsedTime(stalled).TotalSeconds, 0.9, 4);
        relay.Resume();
        await listener.UntilAsync("live", times: 2);
    }

    [Fact]
    public async Task A_slow_network_makes_calls_slow_and_not_fewer()
    {
        await using var server = await RedisServer.StartAsync();
        await using var relay = Relay.To(server.Port);
        await using var client = new RespClient(RespOptions.Parse(relay.Address + ",timeout=5000"));
        await client.ExecuteAsync("PING");
        relay.DelayBy(TimeSpan.FromMilliseconds(100), RelayDirection.ToServer);
        relay.DelayBy(TimeSpan.FromMilliseconds(50), RelayDirection.ToClient);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i => Assert.Equal($"{i}", (await client.ExecuteAsync("ECHO", $"{i}")).Text)));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.149, 3);
    }

    [Fact]
    public async Task A_server_that_says_it_is_done_while_it_still_listens_is_left()
    {
        await using var server = await RedisServer.StartAsync();
        await using var relay = Relay.To(server.Port);
        await using var client = new RespClient(RespOptions.Parse(relay.Address));
        await client.ExecuteAsync("PING");
        relay.HalfClose(RelayDirection.ToClient);
        await UntilAsync(() => relay.Accepted == 2);
        await UntilServedAsync(client);
    }

    [Fact]
    public async Task A_network_that_is_cut_fails_calls_at_once_and_serves_them_when_it_is_mended()
    {
        await using var server = await RedisServer.StartAsync();
        await using var relay = Relay.To(server.Port);
        await using var client = new RespClient(RespOptions.Parse(relay.Address));
        await client.ExecuteAsync("PING");
        relay.Cut();
        await UntilAsync(() => client.Activity.Connections == 0);
        var failure = await Assert.ThrowsAsync<RespException>(() => client.ExecuteAsync("PING").AsTask());
        Assert.Contains(failure.Code, new[] { RespErrorCode.NotConnected, RespErrorCode.ConnectionLost });
        relay.Mend();
        await UntilServedAsync(client);
    }

    [Fact]
    public async Task Whatever_the_network_does_no_call_hangs_or_gets_anothers_reply()
    {
        await using var server = await RedisServer.StartAsync();
        await using var relay = Relay.To(server.Port);
        await using var client = new RespClient(RespOptions.Parse(relay.Address + ",timeout=300,keepAlive=1,connectTimeout=500"));
        var load = new MixedLoad(client, callers: 24);
        var random = new Random(7);
        for (var i = 0; i < 30; i++)
        {
            var direction = (RelayDirection)random.Next(1, 4);
            Happen(relay, random.Next(5), direction, random);
            await Task.Delay(random.Next(20, 200));
            relay.Resume();
            relay.Mend();
            relay.DelayBy(TimeSpan.Zero);
        }

        await UntilServedAsync(client);
        await load.EndAsync();
        Assert.True(load.Counts is { Answered: > 100, Failed: > 0 }, $"{load.Counts}");
        await UntilAsync(() => client.Activity is { InFlight: 0, Waiting: 0, Undelivered: 0 });
    }

    private static void Happen(Relay relay, int what, RelayDirection direction, Random random)
    {
        switch (what)
        {
            case 0:
                relay.Stall(direction);
                break;
            case 1:
                relay.Cut();
                break;
            case 2:
                relay.Drop();
                break;
            case 3:
                relay.HalfClose(direction);
                break;
            default:
                relay.DelayBy(TimeSpan.FromMilliseconds(random.Next(100)), direction);
                break;
        }
    }

    private static async Task UntilServedAsync(RespClient client)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await client.ExecuteAsync("PING");
                return;
            }
            catch (RespException) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(15))
            {
                await Task.Delay(20);
            }
        }
    }

    private static async Task UntilAsync(Func<bool> happened)
    {
        var started = Stopwatch.GetTimestamp();
        while (!happened())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(15), "It did not happen.");
            await Task.Delay(10);
        }
    }
}
