using System.Collections.Concurrent;
using System.Text;
using Millpond.Engines.Fake;
using Millpond.Resp.Tests.Topologies;

namespace Millpond.Resp.Tests.Connections;

public class Subscriptions
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task Messages_travel_on_a_connection_of_their_own_kind()
    {
        await using var harness = new Harness();
        await harness.Client.ExecuteAsync("PING");
        var heard = new Heard();
        await using var subscription = await harness.Client.SubscribeAsync(RespChannel.Plain("news"), heard);
        Assert.Equal(2, harness.Server.Connections);
        Push(harness, "news", "hello");
        await Harness.UntilAsync(() => heard.Told.Contains("news|hello"));
        Assert.Equal("a", await harness.Client.SendAsync<Echo, string?>(new Echo("a")));
    }

    [Fact]
    public async Task Every_lost_connection_is_one_gap_and_one_return()
    {
        await using var harness = new Harness();
        var heard = new Heard();
        await using var subscription = await harness.Client.SubscribeAsync(RespChannel.Plain("news"), heard);
        for (var i = 1; i <= 5; i++)
        {
            foreach (var session in harness.Server.Sessions)
            {
                session.Close();
            }

            await harness.AdvanceUntilAsync(() => heard.Told.Count(t => t == "live") == i + 1, Step);
        }

        Assert.Equal("live gap live gap live gap live gap live gap live", string.Join(' ', heard.Told));
    }

    [Fact]
    public async Task Two_subscriptions_to_one_channel_are_one_at_the_server_and_end_apart()
    {
        await using var harness = new Harness();
        var (first, second) = (new Heard(), new Heard());
        var one = await harness.Client.SubscribeAsync(RespChannel.Plain("news"), first);
        await using var two = await harness.Client.SubscribeAsync(RespChannel.Plain("news"), second);
        Assert.Single(harness.Server.Heard, c => c is ["SUBSCRIBE", "news"]);
        await one.DisposeAsync();
        Push(harness, "news", "hello");
        await Harness.UntilAsync(() => second.Told.Contains("news|hello"));
        Assert.Equal(["live"], first.Told);
    }

    [Fact]
    public async Task A_subscription_that_no_server_confirms_fails_in_time()
    {
        await using var harness = new Harness(o => o with { CommandTimeout = TimeSpan.FromSeconds(2) });
        harness.Server.IsAway = true;
        var subscribing = harness.Client.SubscribeAsync(RespChannel.Plain("news"), new Heard()).AsTask();
        var error = await Assert.ThrowsAsync<RespException>(() => harness.UntilDoneAsync(subscribing));
        Assert.Equal(RespErrorCode.TimedOut, error.Code);
    }

    [Fact]
    public async Task A_refusal_that_comes_after_its_deadline_leaves_the_stream_in_step()
    {
        await using var harness = new Harness(o => o with { CommandTimeout = TimeSpan.FromSeconds(1) });
        await using var first = await harness.Client.SubscribeAsync(RespChannel.Plain("first"), new Heard());
        var connections = harness.Server.Connections;
        FakeSession? holding = null;
        harness.Server.Script = (session, command) =>
        {
            holding = command is ["SUBSCRIBE", "late"] ? session : holding;
            return holding is null ? null : FakeServer.NoReply;
        };
        var late = harness.Client.SubscribeAsync(RespChannel.Plain("late"), new Heard()).AsTask();
        var error = await Assert.ThrowsAsync<RespException>(() => harness.UntilDoneAsync(late));
        Assert.Equal(RespErrorCode.TimedOut, error.Code);
        await Harness.UntilAsync(() => harness.Server.Heard.Count(c => c is ["PING"]) >= 3);

        // To SUBSCRIBE and its PING, then to UNSUBSCRIBE and its PING.
        harness.Server.Script = null;
        holding!.Send("-NOPERM no\r\n+PONG\r\n>3\r\n+unsubscribe\r\n$4\r\nlate\r\n:1\r\n+PONG\r\n");
        var next = new Heard();
        await using var subscription = await harness.Client.SubscribeAsync(RespChannel.Plain("next"), next);
        Assert.Equal(connections, harness.Server.Connections);
        Assert.Equal(["live"], next.Told);
    }

    [Fact]
    public async Task A_disposed_client_subscribes_to_nothing()
    {
        var harness = new Harness();
        await harness.DisposeAsync();
        var error = await Assert.ThrowsAsync<RespException>(() => harness.Client.SubscribeAsync(RespChannel.Plain("news"), new Heard()).AsTask());
        Assert.Equal((RespErrorCode.Disposed, 0), (error.Code, harness.Server.Connections));
    }

    private static void Push(Harness harness, string channel, string message)
    {
        foreach (var session in harness.Server.Sessions.Where(s => s.IsSubscribed))
        {
            session.Send($">3\r\n+message\r\n${channel.Length}\r\n{channel}\r\n${message.Length}\r\n{message}\r\n");
        }
    }

    private sealed class Heard : IRespSubscriber
    {
        public ConcurrentQueue<string> Told { get; } = new();

        public void OnMessage(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message) => Told.Enqueue($"{Encoding.UTF8.GetString(channel)}|{Encoding.UTF8.GetString(message)}");

        public void OnLive() => Told.Enqueue("live");

        public void OnGap(RespException cause) => Told.Enqueue("gap");
    }
}
