using Millpond.Engines.Fake;

namespace Millpond.Resp.Tests.Connections;

public class Handshakes
{
    [Fact]
    public async Task The_newer_protocol_login_and_name_go_in_one_command()
    {
        await using var harness = new Harness(o => o with { Credentials = _ => new(new RespCredentials("app", "secret")), Database = 3, ClientName = "web" });
        await harness.Client.ExecuteAsync("PING");
        Assert.Equal(["HELLO", "3", "AUTH", "app", "secret", "SETNAME", "web"], harness.Server.Heard.First());
        Assert.Contains(harness.Server.Heard, c => c is ["SELECT", "3"]);
        Assert.Equal(3, harness.Client.Servers.Single().Protocol);
    }

    [Fact]
    public async Task An_old_server_is_spoken_to_in_the_older_protocol()
    {
        await using var harness = new Harness(o => o with { Credentials = _ => new(new RespCredentials(null, "secret")) });
        harness.Server.IsOld = true;
        await harness.Client.ExecuteAsync("PING");
        Assert.Contains(harness.Server.Heard, c => c is ["AUTH", "secret"]);
        Assert.Equal(2, harness.Client.Servers.Single().Protocol);
    }

    [Fact]
    public async Task A_refused_login_says_so_and_not_the_password()
    {
        await using var harness = new Harness(o => o with { Credentials = _ => new(new RespCredentials("app", "secret")) });
        harness.Server.Script = (_, command) => command[0] == "HELLO" ? "-WRONGPASS invalid username-password pair or user is disabled.\r\n" : null;
        var refused = await Assert.ThrowsAsync<RespException>(() => harness.Client.ExecuteAsync("PING").AsTask());
        Assert.Equal(RespErrorCode.HandshakeRefused, refused.Code);
        Assert.DoesNotContain("secret", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_are_due_are_asked_for_again_and_said_on_the_connection_in_use()
    {
        var asked = 0;
        await using var harness = new Harness(o => o with
        {
            Credentials = _ => new(new RespCredentials("app", $"secret-{Interlocked.Increment(ref asked)}", TimeSpan.FromMinutes(1))),
        });
        await harness.Client.ExecuteAsync("PING");
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        await harness.AdvanceUntilAsync(() => harness.Server.Heard.Any(c => c is ["AUTH", "app", "secret-2"]), TimeSpan.FromMilliseconds(100));
        Assert.Equal("a", await harness.Client.SendAsync<Echo, string?>(new Echo("a")));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_the_handshake_is_given_up_on_after_the_connect_timeout()
    {
        await using var harness = new Harness(o => o with { ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(30), KeepAlive = TimeSpan.FromSeconds(30) });
        harness.Server.Script = (_, _) => FakeServer.NoReply;
        var call = harness.Client.ExecuteAsync("PING").AsTask();
        await Harness.UntilAsync(() => !harness.Server.Heard.IsEmpty);
        harness.Time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Contains("ConnectTimeout", (await Assert.ThrowsAsync<RespException>(() => call)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incarnation_changes_with_restart_failover_and_a_history_that_runs_back_and_with_nothing_else()
    {
        await using var harness = new Harness();
        var first = await IncarnationAfterAsync(harness, () => { });
        Assert.Equal(first, await IncarnationAfterAsync(harness, () => harness.Server.ReplicationOffset += 10));
        var rolledBack = await IncarnationAfterAsync(harness, () => harness.Server.ReplicationOffset -= 50);
        var restarted = await IncarnationAfterAsync(harness, () => harness.Server.RunId = "run-2");
        var failedOver = await IncarnationAfterAsync(harness, () => harness.Server.ReplicationId = "history-2");
        Assert.Equal(4, new[] { first, rolledBack, restarted, failedOver }.Distinct().Count());
    }

    [Fact]
    public async Task What_a_server_can_do_is_asked_once_for_each_connection()
    {
        await using var harness = new Harness();
        harness.Server.Script = (_, command) => command[0] switch
        {
            "EVAL" => ":1\r\n",
            "FUNCTION" => "-ERR unknown command\r\n",
            "COMMAND" => "*6\r\n*1\r\n$5\r\nwatch\r\n*-1\r\n*1\r\n$5\r\ndelex\r\n*-1\r\n_\r\n*0\r\n",
            _ => null,
        };
        const RespCapabilities Wanted = RespCapabilities.Scripts | RespCapabilities.Tracking | RespCapabilities.Transactions | RespCapabilities.CompareAndDelete | RespCapabilities.CompareAndSet;
        Assert.Equal(Wanted, (await harness.Client.ProbeAsync()).Capabilities);
        Assert.Equal(Wanted, (await harness.Client.ProbeAsync()).Capabilities);
        Assert.Single(harness.Server.Heard, c => c[0] == "EVAL");
        await IncarnationAfterAsync(harness, () => harness.Server.RunId = "run-2");
        Assert.Equal("run-2", (await harness.Client.ProbeAsync()).Server.RunId);
        Assert.Equal(2, harness.Server.Heard.Count(c => c[0] == "EVAL"));
    }

    private static async Task<string> IncarnationAfterAsync(Harness harness, Action change)
    {
        change();
        var before = harness.Server.Connections;
        foreach (var session in harness.Server.Sessions)
        {
            session.Close();
        }

        var call = harness.Client.SendAsync<Echo, string?>(new Echo("x", RespTraits.Idempotent)).AsTask();
        await harness.AdvanceUntilAsync(() => call.IsCompleted && harness.Server.Connections > before && harness.Client.Servers.Count == 1, TimeSpan.FromMilliseconds(20));
        return harness.Client.Servers.Single().Incarnation;
    }
}
