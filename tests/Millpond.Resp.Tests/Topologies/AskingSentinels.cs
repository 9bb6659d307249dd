using Millpond.Engines.Fake;
using Millpond.Resp.Tests.Connections;

namespace Millpond.Resp.Tests.Topologies;

public class AskingSentinels
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task Of_sentinels_that_disagree_the_one_with_the_newest_election_counts()
    {
        await using var harness = Start((sentinel, _) => sentinel == "s1" ? ("old", 3) : ("new", 4));
        await harness.UntilDoneAsync(harness.Client.SendAsync<Echo, string?>(new Echo("x")).AsTask());
        Assert.Contains(harness.Server.Sessions, s => s.Endpoint.Host == "new");
        Assert.DoesNotContain(harness.Server.Sessions, s => s.Endpoint.Host == "old");
    }

    [Fact]
    public async Task An_election_older_than_one_heard_of_is_not_believed_even_if_nobody_else_answers()
    {
        var isCutOff = false;
        await using var harness = Start((sentinel, server) => isCutOff ? ("old", 3) : ("new", 4));
        await harness.UntilDoneAsync(harness.Client.SendAsync<Echo, string?>(new Echo("x")).AsTask());
        isCutOff = true;
        var asked = harness.Server.Heard.Count(c => c is ["SENTINEL", "MASTER", _]);
        await harness.AdvanceUntilAsync(() => harness.Server.Heard.Count(c => c is ["SENTINEL", "MASTER", _]) >= asked + 6, Step);
        await harness.UntilDoneAsync(harness.Client.SendAsync<Echo, string?>(new Echo("y")).AsTask());
        Assert.DoesNotContain(harness.Server.Sessions, s => s.Endpoint.Host == "old");
    }

    [Fact]
    public async Task A_node_that_says_it_is_a_replica_is_not_used_whatever_sentinels_say()
    {
        var isPromoted = false;
        await using var harness = Start((_, _) => ("new", 4), (session, command) => session.Endpoint.Host == "new" && command[0] == "HELLO" && !isPromoted
            ? "%3\r\n+proto\r\n:3\r\n+mode\r\n+standalone\r\n+role\r\n+replica\r\n" : null);
        var call = harness.Client.SendAsync<Echo, string?>(new Echo("x")).AsTask();
        await harness.AdvanceUntilAsync(() => harness.Server.Heard.Count(c => c[0] == "HELLO") > 6, Step);
        Assert.False(call.IsCompleted);
        Assert.DoesNotContain(harness.Server.Heard, c => c[0] == "ECHO");
        isPromoted = true;
        Assert.Equal("x", await harness.UntilDoneAsync(call));
    }

    [Fact]
    public async Task News_of_a_switch_make_the_sentinels_be_asked_at_once()
    {
        await using var harness = Start((_, _) => ("first", 1));
        int Asked() => harness.Server.Heard.Count(c => c is ["SENTINEL", "MASTER", _]);
        await harness.UntilDoneAsync(harness.Client.SendAsync<Echo, string?>(new Echo("x")).AsTask());
        await harness.AdvanceUntilAsync(() => harness.Server.Sessions.Where(s => s.IsSubscribed).DistinctBy(s => s.Endpoint).Count() == 3, Step);

        // Just after the question that comes once a second, the next is far away, and the rest between two is over.
        var asked = Asked();
        await harness.AdvanceUntilAsync(() => Asked() >= asked + 3, Step);
        harness.Time.Advance(TimeSpan.FromMilliseconds(300));
        asked = Asked();
        foreach (var session in harness.Server.Sessions.Where(s => s.IsSubscribed && s.Endpoint.Host == "s1"))
        {
            session.Send(">3\r\n+message\r\n$14\r\n+switch-master\r\n$3\r\nnew\r\n");
        }

        for (var i = 0; i < 4 && Asked() < asked + 3; i++)
        {
            await harness.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        }

        // The clock stands still from here: no question that comes with time makes up for the news.
        await Harness.UntilAsync(() => Asked() >= asked + 3);
    }

    private static Harness Start(Func<string, FakeServer, (string Primary, int Epoch)> says, Func<FakeSession, string[], string?>? script = null)
    {
        var harness = new Harness(o => o with { Endpoints = [new("s1", 1), new("s2", 1), new("s3", 1)], ServiceName = "pond" });
        harness.Server.Script = (session, command) =>
        {
            if (command is ["SENTINEL", "MASTER", "pond"])
            {
                var (primary, epoch) = says(session.Endpoint.Host, harness.Server);
                return $"%3\r\n+ip\r\n+{primary}\r\n+port\r\n+1\r\n+config-epoch\r\n+{epoch}\r\n";
            }

            return command is ["SENTINEL", "SENTINELS", "pond"] ? "*0\r\n" : script?.Invoke(session, command);
        };
        return harness;
    }
}
