using Millpond.Engines.Fake;
using Millpond.Resp.Tests.Connections;

namespace Millpond.Resp.Tests.Topologies;

/// <summary>Two scripted nodes, a:1 and b:2. The map that they tell gives all slots to a; who really serves is each test's affair.</summary>
internal static class FakeCluster
{
    public const string AllToFirst = "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$1\r\na\r\n:1\r\n$2\r\nid\r\n";

    public static Harness Start(Func<FakeSession, string[], string?> script, Func<RespOptions, RespOptions>? change = null)
    {
        var harness = new Harness(o => (change ?? (x => x))(o with { Endpoints = [new RespEndpoint("a", 1)], Mode = RespMode.Cluster }));
        harness.Server.Script = (session, command) => script(session, command) ?? (command is ["CLUSTER", "SLOTS"] ? AllToFirst : null);
        return harness;
    }

    public static int AsksForSlots(this Harness harness) => harness.Server.Heard.Count(c => c is ["CLUSTER", "SLOTS"]);

    public static async Task<T> UntilDoneAsync<T>(this Harness harness, Task<T> call)
    {
        await harness.AdvanceUntilAsync(() => call.IsCompleted, TimeSpan.FromMilliseconds(20));
        return await call;
    }
}
