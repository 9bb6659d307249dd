using Millpond.Engines.Fake;

namespace Millpond.Resp.Tests.Connections;

public class Deadlines
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_call_without_a_reply_fails_at_its_deadline_and_its_late_reply_is_nobody_elses()
    {
        await using var harness = new Harness(o => o with { CommandTimeout = TimeSpan.FromSeconds(1) });
        FakeSession? late = null;
        harness.Server.Script = (session, command) =>
        {
            if (command is not ["ECHO", "slow"])
            {
                return null;
            }

            late = session;
            return FakeServer.NoReply;
        };
        await harness.Client.ExecuteAsync("PING");
        var slow = harness.Client.SendAsync<Echo, string?>(new Echo("slow")).AsTask();
        await Harness.UntilAsync(() => late is not null);
        harness.Time.Advance(TimeSpan.FromMilliseconds(900));
        Assert.False(slow.IsCompleted);
        harness.Time.Advance(Step + Step);
        var error = await Assert.ThrowsAsync<RespException>(() => slow);
        Assert.Equal((RespErrorCode.TimedOut, "ECHO", true), (error.Code, error.Command, error.MayHaveExecuted));
        Assert.Contains("CommandTimeout", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("slow\"", error.Message, StringComparison.Ordinal);

        var next = harness.Client.SendAsync<Echo, string?>(new Echo("next")).AsTask();
        late!.Send(FakeServer.Bulk("slow"));
        Assert.Equal("next", await next);
        Assert.Equal(1, harness.Server.Connections);
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_the_stream_stays_in_step()
    {
        await using var harness = new Harness();
        var held = new TaskCompletionSource<FakeSession>(TaskCreationOptions.RunContinuationsAsynchronously);
        harness.Server.Script = (session, command) =>
        {
            if (command is not ["ECHO", "held"])
            {
                return null;
            }

            held.SetResult(session);
            return FakeServer.NoReply;
        };
        using var cancellation = new CancellationTokenSource();
        var call = harness.Client.SendAsync<Echo, string?>(new Echo("held"), cancellation.Token).AsTask();
        var session = await held.Task;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        var next = harness.Client.SendAsync<Echo, string?>(new Echo("next")).AsTask();
        session.Send(FakeServer.Bulk("held"));
        Assert.Equal("next", await next);
    }

    [Fact]
    public async Task Cancelling_and_answering_at_the_same_time_gives_each_caller_one_outcome_and_never_anothers()
    {
        await using var harness = new Harness();
        var answered = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 5_000), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, token) =>
        {
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(token);
            var call = harness.Client.SendAsync<Echo, string?>(new Echo($"{i}"), cancellation.Token);
            if (i % 2 == 0)
            {
                await cancellation.CancelAsync();
            }

            try
            {
                Assert.Equal($"{i}", await call);
                Interlocked.Increment(ref answered);
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(0, i % 2);
            }
        });
        Assert.InRange(answered, 2_500, 5_000);
    }

    [Fact]
    public async Task A_connection_that_answers_nothing_counts_as_dead_within_twice_the_keep_alive()
    {
        await using var harness = new Harness(o => o with { KeepAlive = TimeSpan.FromSeconds(5) });
        await harness.Client.ExecuteAsync("PING");
        harness.Server.Script = (session, command) => harness.Server.Connections == 1 ? FakeServer.NoReply : null;
        harness.Time.Advance(TimeSpan.FromSeconds(4.5));
        Assert.False(harness.Server.Sessions.Single().Ended.IsCompleted);
        harness.Time.Advance(TimeSpan.FromSeconds(6));
        await harness.Server.Sessions.Single().Ended;
        await harness.AdvanceUntilAsync(() => harness.Server.Connections >= 2, Step);
    }

    [Fact]
    public async Task A_sessions_calls_have_their_deadline_too_and_end_with_it()
    {
        await using var harness = new Harness(o => o with { CommandTimeout = TimeSpan.FromSeconds(1) });
        var session = await harness.Client.OpenSessionAsync();
        Assert.Equal(2, harness.Server.Connections);
        harness.Server.Script = (_, command) => command[0] == "WATCH" ? FakeServer.NoReply : null;
        var unanswered = session.ExecuteAsync("WATCH", "k").AsTask();
        await harness.AdvanceUntilAsync(() => unanswered.IsCompleted, Step);
        Assert.Equal(RespErrorCode.TimedOut, (await Assert.ThrowsAsync<RespException>(() => unanswered)).Code);
        await session.DisposeAsync();
        Assert.False(session.IsConnected);
        await Assert.ThrowsAsync<RespException>(() => session.ExecuteAsync("PING").AsTask());
    }

    [Fact]
    public async Task An_idle_connection_that_answers_stays()
    {
        await using var harness = new Harness(o => o with { KeepAlive = TimeSpan.FromSeconds(5) });
        await harness.Client.ExecuteAsync("PING");
        for (var i = 0; i < 10; i++)
        {
            var heard = harness.Server.Heard.Count;
            await harness.AdvanceUntilAsync(() => harness.Server.Heard.Count > heard, Step);
            await harness.Client.ExecuteAsync("PING");
        }

        Assert.Equal(1, harness.Server.Connections);
    }
}
