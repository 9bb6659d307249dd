using Millpond.Engines.Fake;

namespace Millpond.Resp.Tests.Connections;

public class Queues
{
    private static RespOptions Small(RespOptions o) => o with { Queues = new RespQueueLimits { InFlightMax = 4, WaitingMax = 8 }, CommandTimeout = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task What_finds_the_queue_full_waits_in_order_and_what_finds_the_wait_full_is_refused()
    {
        await using var harness = new Harness(Small);
        await harness.Client.ExecuteAsync("PING");
        FakeSession? session = null;
        harness.Server.Script = (s, command) =>
        {
            session = s;
            return command[0] == "ECHO" ? FakeServer.NoReply : null;
        };
        var calls = Enumerable.Range(0, 12).Select(i => harness.Client.SendAsync<Echo, string?>(new Echo($"{i}")).AsTask()).ToArray();
        var refused = await Assert.ThrowsAsync<RespException>(() => harness.Client.SendAsync<Echo, string?>(new Echo("one too many")).AsTask());
        Assert.Equal((RespErrorCode.QueueFull, false), (refused.Code, refused.MayHaveExecuted));
        Assert.Contains("InFlightMax", refused.Message, StringComparison.Ordinal);

        Assert.Equal((4, 8), (harness.Client.Activity.InFlight, harness.Client.Activity.Waiting));
        for (var i = 0; i < 12; i++)
        {
            await Harness.UntilAsync(() => harness.Server.Heard.Count(c => c[0] == "ECHO") > i);
            session!.Send(FakeServer.Bulk($"{i}"));
            Assert.Equal($"{i}", await calls[i]);
        }

        await Harness.UntilAsync(() => harness.Client.Activity is { Connections: 1, InFlight: 0, Waiting: 0, Undelivered: 0 });
    }

    [Fact]
    public async Task A_wait_that_is_full_of_calls_that_were_given_up_has_room_again()
    {
        await using var harness = new Harness(Small);
        await harness.Client.ExecuteAsync("PING");
        harness.Server.Script = (_, command) => command[0] == "ECHO" ? FakeServer.NoReply : null;
        var calls = Enumerable.Range(0, 12).Select(i => harness.Client.SendAsync<Echo, string?>(new Echo($"{i}")).AsTask()).ToArray();
        await harness.AdvanceUntilAsync(() => calls.All(c => c.IsCompleted), TimeSpan.FromMilliseconds(100));
        var next = harness.Client.SendAsync<Echo, string?>(new Echo("next")).AsTask();
        Assert.False(next.IsCompleted);
        foreach (var session in harness.Server.Sessions)
        {
            session.Send(string.Concat(Enumerable.Repeat(FakeServer.Bulk("late"), 4)));
        }

        harness.Server.Script = null;
        await Harness.UntilAsync(() => harness.Server.Heard.Any(c => c is ["ECHO", "next"]));
        Assert.DoesNotContain(harness.Server.Heard, c => c is ["ECHO", "5"]);
        Assert.Equal("next", await next);
    }

    [Fact]
    public async Task What_waits_for_room_fails_at_its_deadline_too()
    {
        await using var harness = new Harness(Small);
        await harness.Client.ExecuteAsync("PING");
        harness.Server.Script = (_, command) => command[0] == "ECHO" ? FakeServer.NoReply : null;
        var calls = Enumerable.Range(0, 12).Select(i => harness.Client.SendAsync<Echo, string?>(new Echo($"{i}")).AsTask()).ToArray();
        await harness.AdvanceUntilAsync(() => calls.All(c => c.IsCompleted), TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < calls.Length; i++)
        {
            // The first four were sent.
            var error = await Assert.ThrowsAsync<RespException>(() => calls[i]);
            Assert.Equal((RespErrorCode.TimedOut, i < 4), (error.Code, error.MayHaveExecuted));
        }
    }
}
