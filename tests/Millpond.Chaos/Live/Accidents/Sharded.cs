using Millpond.Engines.Live;
using Millpond.Resp;

namespace Millpond.Chaos.Live.Accidents;

/// <summary>A cluster of three primaries with a replica each.</summary>
internal sealed class Sharded(ClusterSet set) : EngineSet
{
    public override string Configuration => set.Configuration;

    public override IReadOnlyList<RedisServer> Nodes => set.Nodes;

    public override async Task FailOverAsync(RedisServer primary)
    {
        foreach (var replica in await ReplicasOfAsync(primary))
        {
            await TellAsync(replica, "CLUSTER", "FAILOVER");
            await UntilAsync("the replica is the primary", async () => await RoleAsync(replica) == "master");
        }
    }

    public override Task TakenOverAsync(RedisServer lost) =>
        UntilAsync("a replica took over", async () => (await PrimariesAsync()).Count(node => node != lost) == set.Nodes.Count / 2);

    public override Task WholeAsync() => UntilAsync("every node runs, serves and follows", async () =>
    {
        var primaries = 0;
        foreach (var node in Nodes)
        {
            var replication = (await TellAsync(node, "INFO", "replication")).Text!;
            var cluster = (await TellAsync(node, "CLUSTER", "INFO")).Text!;
            var nodes = (await TellAsync(node, "CLUSTER", "NODES")).Text!;
            primaries += replication.Contains("role:master", StringComparison.Ordinal) ? 1 : 0;
            if (!cluster.Contains("cluster_state:ok", StringComparison.Ordinal) || nodes.Contains("fail", StringComparison.Ordinal)
                || !(replication.Contains("connected_slaves:1", StringComparison.Ordinal) || replication.Contains("master_link_status:up", StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return primaries == Nodes.Count / 2;
    });

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await set.DisposeAsync();
    }

    private async Task<IReadOnlyList<RedisServer>> ReplicasOfAsync(RedisServer primary)
    {
        List<RedisServer> replicas = [];
        foreach (var node in Nodes)
        {
            var role = await TellAsync(node, "ROLE");
            if (role.Items[0].Text == "slave" && role.Items[2].ToString()!.Contains(RedisServerPort(primary), StringComparison.Ordinal))
            {
                replicas.Add(node);
            }
        }

        return replicas.Count > 0 ? replicas : throw new InvalidOperationException($"{primary.Address} has no replica.");
    }

    private static string RedisServerPort(RedisServer server) => server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
