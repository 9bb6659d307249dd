using Millpond.Engines.Fake;

namespace Millpond.Resp.Tests.Connections;

public class BatchesOfRequests
{
    [Fact]
    public async Task Outcomes_are_in_the_order_of_the_requests()
    {
        await using var harness = new Harness();
        var outcomes = new RespOutcome<string?>[1000];
        await harness.Client.SendBatchAsync<Echo, string?>(Enumerable.Range(0, 1000).Select(i => new Echo($"{i}")).ToArray(), outcomes);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), outcomes.Select(o => o.Result));
    }

    [Fact]
    public async Task Each_request_has_its_own_error()
    {
        await using var harness = new Harness();
        harness.Server.Script = (_, command) => command is ["ECHO", "1"] ? "-ERR one\r\n" : null;
        var outcomes = new RespOutcome<string?>[3];
        await harness.Client.SendBatchAsync<Echo, string?>(new Echo[] { new("0"), new("1"), new("2") }, outcomes);
        Assert.Equal(("0", "2"), (outcomes[0].Result, outcomes[2].Result));
        Assert.Equal("ERR", Assert.IsType<RespServerException>(outcomes[1].Error).Kind);
    }

    [Fact]
    public async Task A_deadline_in_the_middle_of_a_batch_ends_what_is_missing_and_late_replies_change_nothing()
    {
        await using var harness = new Harness(o => o with { CommandTimeout = TimeSpan.FromSeconds(1) });
        await harness.Client.ExecuteAsync("PING");
        FakeSession? session = null;
        harness.Server.Script = (s, command) =>
        {
            session = s;
            return command is ["ECHO", "1" or "2"] ? FakeServer.NoReply : null;
        };
        var outcomes = new RespOutcome<string?>[3];
        var batch = harness.Client.SendBatchAsync<Echo, string?>(new Echo[] { new("0"), new("1"), new("2") }, outcomes).AsTask();
        await Harness.UntilAsync(() => harness.Server.Heard.Any(c => c is ["ECHO", "2"]) && outcomes[0].Error is null && session is not null);
        await harness.AdvanceUntilAsync(() => batch.IsCompleted, TimeSpan.FromMilliseconds(100));
        await batch;
        var timedOut = Assert.IsType<RespException>(outcomes[1].Error);
        Assert.Equal(RespErrorCode.TimedOut, timedOut.Code);
        var next = harness.Client.SendAsync<Echo, string?>(new Echo("next")).AsTask();
        session!.Send(FakeServer.Bulk("1") + FakeServer.Bulk("2"));
        Assert.Equal("next", await next);
        Assert.Same(timedOut, outcomes[1].Error);
    }

    [Fact]
    public async Task A_connection_lost_in_the_middle_repeats_what_has_no_reply_yet_if_that_is_harmless()
    {
        await using var harness = new Harness();
        await harness.Client.ExecuteAsync("PING");
        harness.Server.Script = (session, command) =>
        {
            if (harness.Server.Connections == 1 && command is ["ECHO", "2"])
            {
                session.Send(FakeServer.Bulk("0") + FakeServer.Bulk("1"));
                session.Close();
            }

            return harness.Server.Connections == 1 ? FakeServer.NoReply : null;
        };
        var outcomes = new RespOutcome<string?>[5];
        var batch = harness.Client.SendBatchAsync<Echo, string?>(Enumerable.Range(0, 5).Select(i => new Echo($"{i}", RespTraits.Idempotent)).ToArray(), outcomes).AsTask();
        await harness.AdvanceUntilAsync(() => batch.IsCompleted, TimeSpan.FromMilliseconds(20));
        await batch;
        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"{i}"), outcomes.Select(o => o.Result));
        Assert.Single(harness.Server.Heard, c => c is ["ECHO", "1"]);
    }

    [Fact]
    public async Task A_cancelled_batch_ends_at_once()
    {
        await using var harness = new Harness();
        await harness.Client.ExecuteAsync("PING");
        harness.Server.Script = (_, command) => command[0] == "ECHO" ? FakeServer.NoReply : null;
        using var cancellation = new CancellationTokenSource();
        var batch = harness.Client.SendBatchAsync<Echo, string?>(new Echo[] { new("0"), new("1") }, new RespOutcome<string?>[2], cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch);
    }

    [Fact]
    public async Task What_a_cancelled_batch_has_not_sent_is_not_sent_and_its_memory_is_the_callers_again()
    {
        await using var harness = new Harness(o => o with { Queues = new RespQueueLimits { InFlightMax = 1 } });
        await harness.Client.ExecuteAsync("PING");
        FakeSession? session = null;
        harness.Server.Script = (s, command) =>
        {
            session = s;
            return command is ["ECHO", "held"] ? FakeServer.NoReply : null;
        };
        var held = harness.Client.SendAsync<Echo, string?>(new Echo("held")).AsTask();
        await Harness.UntilAsync(() => session is not null);
        using var cancellation = new CancellationTokenSource();
        var requests = new Echo[] { new("0"), new("1") };
        var batch = harness.Client.SendBatchAsync<Echo, string?>(requests, new RespOutcome<string?>[2], cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch);
        Array.Fill(requests, new Echo("somebody else's"));
        session!.Send(FakeServer.Bulk("held"));
        Assert.Equal("held", await held);
        Assert.Equal("next", await harness.Client.SendAsync<Echo, string?>(new Echo("next")));
        Assert.Equal(["held", "next"], harness.Server.Heard.Where(c => c[0] == "ECHO").Select(c => c[1]));
    }
}
