using Millpond.Engines.Fake;

namespace Millpond.Resp.Tests.Connections;

public class Reconnecting
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task A_lost_connection_is_made_again_and_what_was_not_sent_goes_there()
    {
        await using var harness = new Harness();
        Assert.Equal("a", await harness.Client.SendAsync<Echo, string?>(new Echo("a")));
        harness.Server.Sessions.Single().Close();
        var call = SendAsync(harness, new Echo("b", RespTraits.Idempotent));
        Assert.Equal("b", await call);
        Assert.Equal(2, harness.Server.Connections);
    }

    [Fact]
    public async Task A_command_that_may_have_been_executed_is_repeated_only_if_that_is_harmless()
    {
        await using var harness = new Harness();
        await harness.Client.ExecuteAsync("PING");
        var seen = 0;
        harness.Server.Script = (session, command) =>
        {
            if (command is ["ECHO", "harmless" or "harmful"] && harness.Server.Connections == 1)
            {
                if (Interlocked.Increment(ref seen) == 2)
                {
                    session.Close();
                }

                return FakeServer.NoReply;
            }

            return null;
        };
        var harmless = harness.Client.SendAsync<Echo, string?>(new Echo("harmless", RespTraits.Idempotent)).AsTask();
        var harmful = harness.Client.SendAsync<Echo, string?>(new Echo("harmful")).AsTask();
        var lost = await Assert.ThrowsAsync<RespException>(() => harmful);
        Assert.Equal((RespErrorCode.ConnectionLost, true), (lost.Code, lost.MayHaveExecuted));
        await harness.AdvanceUntilAsync(() => harmless.IsCompleted, Step);
        Assert.Equal("harmless", await harmless);
        Assert.Single(harness.Server.Heard, c => c is ["ECHO", "harmful"]);
    }

    [Fact]
    public async Task A_server_that_closes_in_the_middle_of_a_reply_leaves_no_half_of_it()
    {
        await using var harness = new Harness();
        await harness.Client.ExecuteAsync("PING");
        harness.Server.Script = (session, command) =>
        {
            if (command[0] != "ECHO" || harness.Server.Connections > 1)
            {
                return null;
            }

            session.Send("$10\r\nhalf");
            session.Close();
            return FakeServer.NoReply;
        };
        var lost = await Assert.ThrowsAsync<RespException>(() => harness.Client.SendAsync<Echo, string?>(new Echo("a")).AsTask());
        Assert.Equal(RespErrorCode.ConnectionLost, lost.Code);
        Assert.Contains("middle of a frame", lost.Message, StringComparison.Ordinal);
        Assert.Equal("b", await SendAsync(harness, new Echo("b")));
    }

    [Fact]
    public async Task What_is_no_frame_ends_the_connection()
    {
        await using var harness = new Harness();
        await harness.Client.ExecuteAsync("PING");
        harness.Server.Script = (_, command) => command[0] == "ECHO" && harness.Server.Connections == 1 ? "HTTP/1.1 400 Bad Request\r\n\r\n" : null;
        var lost = await Assert.ThrowsAsync<RespException>(() => harness.Client.SendAsync<Echo, string?>(new Echo("a")).AsTask());
        Assert.Contains("MP2202", lost.Message, StringComparison.Ordinal);
        Assert.Equal("b", await SendAsync(harness, new Echo("b")));
    }

    [Fact]
    public async Task A_reply_that_nothing_was_asked_for_ends_the_connection()
    {
        await using var harness = new Harness();
        await harness.Client.ExecuteAsync("PING");
        harness.Server.Sessions.Single().Send("+OK\r\n");
        await harness.Server.Sessions.Single().Ended;
        Assert.Equal("b", await SendAsync(harness, new Echo("b", RespTraits.Idempotent)));
    }

    [Fact]
    public async Task A_server_that_is_away_fails_calls_at_once_after_the_first_attempt_and_serves_them_when_it_is_back()
    {
        await using var harness = new Harness();
        harness.Server.IsAway = true;
        Assert.Equal(RespErrorCode.NotConnected, (await Assert.ThrowsAsync<RespException>(() => harness.Client.ExecuteAsync("PING").AsTask())).Code);
        var second = await Assert.ThrowsAsync<RespException>(() => harness.Client.ExecuteAsync("PING").AsTask());
        Assert.Contains("Connection refused", second.Message, StringComparison.Ordinal);
        harness.Server.IsAway = false;
        await harness.AdvanceUntilAsync(() => harness.Client.Servers.Count == 1, Step);
        Assert.Equal("PONG", (await harness.Client.ExecuteAsync("PING")).Text);
    }

    [Fact]
    public async Task Pauses_between_attempts_grow()
    {
        await using var harness = new Harness();
        var attempts = 0;
        harness.Server.Script = (session, command) =>
        {
            if (command[0] == "HELLO")
            {
                Interlocked.Increment(ref attempts);
                session.Close();
            }

            return FakeServer.NoReply;
        };
        await Assert.ThrowsAsync<RespException>(() => harness.Client.ExecuteAsync("PING").AsTask());
        await harness.AdvanceUntilAsync(() => attempts >= 8, Step);
        var before = harness.Time.GetTimestamp();
        await harness.AdvanceUntilAsync(() => attempts >= 9, Step);
        Assert.InRange(TimeSpan.FromTicks(harness.Time.GetTimestamp() - before).TotalSeconds, 0.5, 600);
    }

    [Fact]
    public async Task After_disposal_calls_say_so()
    {
        var harness = new Harness();
        await harness.Client.ExecuteAsync("PING");
        await harness.DisposeAsync();
        Assert.Equal(RespErrorCode.Disposed, (await Assert.ThrowsAsync<RespException>(() => harness.Client.ExecuteAsync("PING").AsTask())).Code);
        await harness.Server.Sessions.Single().Ended;
    }

    private static async Task<string?> SendAsync(Harness harness, Echo echo)
    {
        var call = harness.Client.SendAsync<Echo, string?>(echo).AsTask();
        await harness.AdvanceUntilAsync(() => call.IsCompleted, Step);
        return await call;
    }
}
