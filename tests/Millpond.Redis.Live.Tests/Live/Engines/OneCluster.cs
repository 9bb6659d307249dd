using Millpond.Engines.Live;
using Millpond.Redis.Live.Tests.Live.Conformance;
using Millpond.Resp;
using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Engines;

/// <summary>Three primaries with a replica each. A life ends when a shard's replica takes over.</summary>
internal sealed class OneCluster : IDeployment
{
    // The conformance suite uses the first partition, whose slot is in the first shard.
    private const int Shard = 0;
    private const int Shards = 3;

    private readonly ClusterSet _set;
    private readonly RespClient _admin;
    private readonly string _login;

    private OneCluster(ClusterSet set, string login) => (_set, _login, _admin) = (set, login, new RespClient(RespOptions.Parse(set.Configuration + ",timeout=10000")));

    public RedisSharedTierOptions Options => new() { Connection = RespOptions.Parse(_set.Configuration + _login) };

    /// <summary>By the default login, which may do everything.</summary>
    public static async Task<OneCluster> StartAsync() => new(await ClusterSet.StartAsync(), "");

    /// <summary>By a login with these rights alone.</summary>
    public static async Task<OneCluster> StartAsync(string[] rights) =>
        new(await ClusterSet.StartAsync(["--user", "app", "on", ">secret", .. rights]), ",user=app,password=secret");

    public async Task<RespValue> TellAsync(RespCommand command) => await _admin.ExecuteAsync(command);

    public async Task RestartAsync(RestartKind kind)
    {
        RedisServer[] pair = [_set.Nodes[Shard], _set.Nodes[Shards + Shard]];
        if (!await IsPrimaryAsync(pair[0]))
        {
            Array.Reverse(pair);
        }

        if (kind == RestartKind.Empty)
        {
            await _set.TellAsync(pair[0], "FLUSHALL");
        }

        // The primary stops writing until the replica has all, and hands over.
        await _set.UntilAsync(pair[1], info => info.Text!.Contains("master_link_status:up", StringComparison.Ordinal), "INFO", "replication");
        for (var polls = 0; !await IsPrimaryAsync(pair[1]) || await IsPrimaryAsync(pair[0]); polls++)
        {
            // Others vote about one primary once in three seconds, and a request that got no votes is forgotten.
            if (polls % 50 == 0 && !await IsPrimaryAsync(pair[1]))
            {
                await _set.TellAsync(pair[1], "CLUSTER", "FAILOVER");
            }

            await Task.Delay(20);
        }

        await _set.UntilAsync(pair[0], info => info.Text!.Contains("master_link_status:up", StringComparison.Ordinal), "INFO", "replication");
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _set.DisposeAsync();
    }

    private async Task<bool> IsPrimaryAsync(RedisServer node) => (await _set.TellAsync(node, "ROLE")).Items[0].Text == "master";
}
