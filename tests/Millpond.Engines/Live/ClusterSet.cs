using Millpond.Resp;

namespace Millpond.Engines.Live;

/// <summary>A cluster of three primaries, each with a replica.</summary>
public sealed class ClusterSet : IAsyncDisposable
{
    private const int Primaries = 3;
    private readonly Dictionary<int, RespClient> _direct = [];

    private ClusterSet(RedisServer[] nodes) => Nodes = nodes;

    /// <summary>Three primaries, then the replica of each.</summary>
    public IReadOnlyList<RedisServer> Nodes { get; }

    /// <summary>What a client is configured with.</summary>
    public string Configuration => string.Join(',', Nodes.Take(2).Select(n => n.Address)) + ",mode=cluster";

    /// <summary>Starts six nodes and joins them.</summary>
    public static async Task<ClusterSet> StartAsync(params string[] settings)
    {
        var nodes = new RedisServer[Primaries * 2];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = await RedisServer.StartAsync(["--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--cluster-replica-validity-factor", "0", .. settings]);
        }

        var set = new ClusterSet(nodes);
        await set.JoinAsync();
        return set;
    }

    /// <summary>Says something to one node alone.</summary>
    public async Task<RespValue> TellAsync(RedisServer node, string command, params RespArgument[] arguments)
    {
        RespClient? client;
        lock (_direct)
        {
            if (!_direct.TryGetValue(node.Port, out client))
            {
                _direct[node.Port] = client = new RespClient(RespOptions.Parse(node.Address + ",mode=single,timeout=10000"));
            }
        }

        return await client.ExecuteAsync(new RespCommand(command, arguments) { Traits = RespTraits.Idempotent });
    }

    /// <summary>A node's own name.</summary>
    public async Task<string> IdAsync(RedisServer node) => (await TellAsync(node, "CLUSTER", "MYID")).Text!;

    /// <summary>Yields until a node says something that is wanted.</summary>
    public async Task UntilAsync(RedisServer node, Func<RespValue, bool> wanted, string command, params RespArgument[] arguments)
    {
        while (!wanted(await TellAsync(node, command, arguments)))
        {
            await Task.Delay(10);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _direct.Values)
        {
            await client.DisposeAsync();
        }

        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task JoinAsync()
    {
        for (var i = 1; i < Nodes.Count; i++)
        {
            await TellAsync(Nodes[0], "CLUSTER", "MEET", "127.0.0.1", Nodes[i].Port);
        }

        for (var i = 0; i < Primaries; i++)
        {
            await TellAsync(Nodes[i], "CLUSTER", "ADDSLOTSRANGE", RespSlot.Count * i / Primaries, (RespSlot.Count * (i + 1) / Primaries) - 1);
        }

        foreach (var node in Nodes)
        {
            await UntilAsync(node, nodes => nodes.Text!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == Nodes.Count && !nodes.Text!.Contains("handshake", StringComparison.Ordinal), "CLUSTER", "NODES");
        }

        for (var i = 0; i < Primaries; i++)
        {
            await TellAsync(Nodes[Primaries + i], "CLUSTER", "REPLICATE", await IdAsync(Nodes[i]));
        }

        foreach (var node in Nodes)
        {
            await UntilAsync(node, info => info.Text!.Contains("cluster_state:ok", StringComparison.Ordinal), "CLUSTER", "INFO");
        }

        for (var i = 0; i < Primaries; i++)
        {
            await UntilAsync(Nodes[Primaries + i], info => info.Text!.Contains("master_link_status:up", StringComparison.Ordinal), "INFO", "replication");
        }

        foreach (var node in Nodes)
        {
            // A range is its two ends, its primary and, once this node has heard of it, its replica.
            await UntilAsync(node, slots => slots.Items.Count == Primaries && slots.Items.All(range => range.Items.Count >= 4), "CLUSTER", "SLOTS");
        }
    }
}
