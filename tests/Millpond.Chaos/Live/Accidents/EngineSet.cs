using Millpond.Engines.Live;
using Millpond.Resp;

namespace Millpond.Chaos.Live.Accidents;

/// <summary>The engine that a campaign runs on: its nodes, which of them is a primary now, and when it is whole again.</summary>
internal abstract class EngineSet : IAsyncDisposable
{
    private static readonly TimeSpan WholeMax = TimeSpan.FromSeconds(60);
    private readonly Dictionary<int, RespClient> _direct = [];

    /// <summary>What a client is configured with.</summary>
    public abstract string Configuration { get; }

    /// <summary>The nodes that hold data.</summary>
    public abstract IReadOnlyList<RedisServer> Nodes { get; }

    /// <summary>Whether a replica takes over where a primary fails.</summary>
    public virtual bool FailsOver => true;

    public static async Task<EngineSet> StartAsync(string setup) => setup switch
    {
        "single" => new OneNode(await RedisServer.StartAsync()),
        "sentinel" => await WatchedPair.StartAsync(),
        "cluster" => new Sharded(await ClusterSet.StartAsync()),
        _ => throw new FormatException($"'{setup}' is no set-up; there are single, sentinel and cluster."),
    };

    /// <summary>The nodes that are primaries now, by their own word.</summary>
    public async Task<IReadOnlyList<RedisServer>> PrimariesAsync()
    {
        List<RedisServer> primaries = [];
        foreach (var node in Nodes)
        {
            if (await RoleAsync(node) == "master")
            {
                primaries.Add(node);
            }
        }

        return primaries;
    }

    /// <summary>Asks for a failover as an operator does, and returns when another node is the primary.</summary>
    public virtual Task FailOverAsync(RedisServer primary) => throw new NotSupportedException();

    /// <summary>Returns when another node has taken a lost primary's place.</summary>
    public virtual Task TakenOverAsync(RedisServer lost) => Task.CompletedTask;

    /// <summary>Returns when all nodes run, replicas follow and whoever watches knows it.</summary>
    public virtual Task WholeAsync() => UntilAsync("the server answers", async () => await RoleAsync(Nodes[0]) == "master");

    /// <summary>Says something to one node alone.</summary>
    public async Task<RespValue> TellAsync(RedisServer node, string command, params RespArgument[] arguments)
    {
        RespClient? client;
        lock (_direct)
        {
            if (!_direct.TryGetValue(node.Port, out client))
            {
                _direct[node.Port] = client = new RespClient(RespOptions.Parse(node.Address + ",mode=single,timeout=5000,name=director"));
            }
        }

        return await client.ExecuteAsync(new RespCommand(command, arguments) { Traits = RespTraits.Idempotent });
    }

    public async Task<string> RoleAsync(RedisServer node)
    {
        try
        {
            return (await TellAsync(node, "ROLE")).Items[0].Text!;
        }
        catch (RespException)
        {
            return "away";
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var client in _direct.Values)
        {
            await client.DisposeAsync();
        }
    }

    protected static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        for (var began = Histories.Entry.Now; !await HoldsAsync(holds); await Task.Delay(50))
        {
            if (Histories.Entry.Now - began > Histories.Entry.Of(WholeMax))
            {
                throw new TimeoutException($"The engine did not come back: waited {WholeMax.TotalSeconds} s until {what}.");
            }
        }
    }

    private static async Task<bool> HoldsAsync(Func<Task<bool>> holds)
    {
        try
        {
            return await holds();
        }
        catch (RespException)
        {
            return false;
        }
    }
}
