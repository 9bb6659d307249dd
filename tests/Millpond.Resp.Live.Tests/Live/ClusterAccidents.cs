using System.Diagnostics;
using Millpond.Engines.Live;

namespace Millpond.Resp.Live.Tests.Live;

public class ClusterAccidents
{
    [Fact]
    public async Task A_primary_that_dies_is_replaced_by_its_replica_and_the_client_follows()
    {
        await using var cluster = await ClusterSet.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(cluster.Configuration + ",timeout=1000"));
        await using var load = new Workload(client);
        await load.UntilAnsweredAsync(1_000);
        var before = client.Servers.Select(s => s.Node).ToHashSet();
        await cluster.Nodes[0].KillAsync();
        await load.UntilFailedAsync();
        await AllSlotsServeAsync(client);
        var now = client.Servers.Select(s => s.Node).ToHashSet();
        Assert.Contains(cluster.Nodes[3].Address, now);
        Assert.DoesNotContain(cluster.Nodes[0].Address, now);
        await load.UntilAnsweredAsync(1_000);
        Assert.Contains(cluster.Nodes[0].Address, before);
    }

    [Fact]
    public async Task A_primary_that_freezes_is_replaced_too()
    {
        await using var cluster = await ClusterSet.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(cluster.Configuration + ",timeout=1000,keepAlive=1,connectTimeout=1000"));
        await using var load = new Workload(client);
        await load.UntilAnsweredAsync(1_000);
        await cluster.Nodes[1].PauseAsync();
        await load.UntilFailedAsync();
        await AllSlotsServeAsync(client);
        await cluster.Nodes[1].ResumeAsync();
        await load.UntilAnsweredAsync(1_000);
    }

    private static async Task AllSlotsServeAsync(RespClient client)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100; i++)
        {
            try
            {
                await client.ExecuteAsync("SET", $"probe:{i}", "v");
            }
            catch (RespException) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30))
            {
                i = -1;
                await Task.Delay(20);
            }
        }
    }
}
