using Millpond.Engines.Fake;
using Millpond.Resp.Tests.Connections;

namespace Millpond.Resp.Tests.Topologies;

public class Redirected
{
    [Fact]
    public async Task Moved_is_followed_and_remembered_before_the_map_is_asked_for_again()
    {
        await using var harness = FakeCluster.Start((session, command) =>
            command[0] != "ECHO" ? null : session.Endpoint.Host == "a" ? $"-MOVED {RespSlot.Of(System.Text.Encoding.UTF8.GetBytes(command[1]))} b:2\r\n" : null);
        Assert.Equal("x", await harness.UntilDoneAsync(harness.Client.SendAsync<Echo, string?>(new Echo("x")).AsTask()));
        Assert.Single(harness.Server.Sessions, s => s.Endpoint == new RespEndpoint("b", 2));
    }

    [Fact]
    public async Task A_thousand_redirected_callers_ask_for_the_map_a_few_times_only()
    {
        await using var harness = FakeCluster.Start((session, command) =>
            command[0] != "ECHO" ? null : session.Endpoint.Host == "a" ? $"-MOVED {RespSlot.Of(System.Text.Encoding.UTF8.GetBytes(command[1]))} b:2\r\n" : null);
        var begun = harness.Time.GetTimestamp();
        var calls = Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => harness.Client.SendAsync<Echo, string?>(new Echo($"{i}")).AsTask()));
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"{i}"), await harness.UntilDoneAsync(calls));
        Assert.InRange(harness.AsksForSlots(), 1, 2 + (harness.Time.GetElapsedTime(begun) / Millpond.Resp.Topologies.Refresh.Rest));
    }

    [Fact]
    public async Task Ask_is_followed_once_with_asking_in_front_and_not_remembered()
    {
        var moving = true;
        await using var harness = FakeCluster.Start((session, command) =>
            command[0] == "ECHO" && session.Endpoint.Host == "a" && moving ? $"-ASK {RespSlot.Of("x"u8)} b:2\r\n" : null);
        Assert.Equal("x", await harness.UntilDoneAsync(harness.Client.SendAsync<Echo, string?>(new Echo("x")).AsTask()));
        var heard = harness.Server.Heard.ToList();
        Assert.Equal(heard.FindIndex(c => c is ["ASKING"]) + 1, heard.FindLastIndex(c => c is ["ECHO", "x"]));
        moving = false;
        Assert.Equal("x", await harness.UntilDoneAsync(harness.Client.SendAsync<Echo, string?>(new Echo("x")).AsTask()));
        Assert.Single(harness.Server.Heard, c => c is ["ASKING"]);
    }

    [Theory]
    [InlineData("-TRYAGAIN Multiple keys request during rehashing of slot\r\n")]
    [InlineData("-CLUSTERDOWN The cluster is down\r\n")]
    [InlineData("-LOADING Redis is loading the dataset in memory\r\n")]
    public async Task What_shall_come_again_later_does(string error)
    {
        var refused = 0;
        await using var harness = FakeCluster.Start((_, command) => command[0] == "ECHO" && Interlocked.Increment(ref refused) <= 20 ? error : null);
        Assert.Equal("x", await harness.UntilDoneAsync(harness.Client.SendAsync<Echo, string?>(new Echo("x")).AsTask()));
    }

    [Fact]
    public async Task And_fails_at_its_deadline_with_what_the_server_said()
    {
        await using var harness = FakeCluster.Start((_, command) => command is ["ECHO", "x"] ? "-CLUSTERDOWN The cluster is down\r\n" : null, o => o with { CommandTimeout = TimeSpan.FromSeconds(5) });
        await harness.Client.SendAsync<Echo, string?>(new Echo("first"));
        var call = harness.Client.SendAsync<Echo, string?>(new Echo("x")).AsTask();
        await Harness.UntilAsync(() => harness.Server.Heard.Any(c => c is ["ECHO", "x"]));
        for (var i = 0; i < 50; i++)
        {
            // The first refusal must be in before the clock moves.
            await harness.AdvanceAsync(TimeSpan.Zero);
        }

        var error = await Assert.ThrowsAsync<RespServerException>(() => harness.UntilDoneAsync(call));
        Assert.Equal("CLUSTERDOWN", error.Kind);
    }

    [Fact]
    public async Task Two_nodes_that_point_at_each_other_end_in_their_error()
    {
        await using var harness = FakeCluster.Start((session, command) =>
            command[0] != "ECHO" ? null : $"-MOVED 0 {(session.Endpoint.Host == "a" ? "b:2" : "a:1")}\r\n");
        var error = await Assert.ThrowsAsync<RespServerException>(() => harness.UntilDoneAsync(harness.Client.SendAsync<Echo, string?>(new Echo("x")).AsTask()));
        Assert.Equal("MOVED", error.Kind);
        Assert.InRange(harness.Server.Heard.Count(c => c[0] == "ECHO"), 2, 20);
    }

    [Fact]
    public async Task Redirected_requests_of_a_batch_go_each_to_its_node_and_their_outcomes_to_their_places()
    {
        await using var harness = FakeCluster.Start((session, command) =>
            command[0] == "ECHO" && session.Endpoint.Host == "a" && command[1].EndsWith('7') ? $"-MOVED {RespSlot.Of(System.Text.Encoding.UTF8.GetBytes(command[1]))} b:2\r\n" : null);
        await harness.UntilDoneAsync(harness.Client.SendAsync<Echo, string?>(new Echo("first")).AsTask());
        var outcomes = new RespOutcome<string?>[100];
        var batch = harness.Client.SendBatchAsync<Echo, string?>(Enumerable.Range(0, 100).Select(i => new Echo($"{i}")).ToArray(), outcomes).AsTask();
        await harness.AdvanceUntilAsync(() => batch.IsCompleted, TimeSpan.FromMilliseconds(20));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), outcomes.Select(o => o.Result));
    }
}
