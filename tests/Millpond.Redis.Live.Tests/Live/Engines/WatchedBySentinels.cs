using Millpond.Engines.Live;
using Millpond.Redis.Live.Tests.Live.Conformance;
using Millpond.Resp;
using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Engines;

/// <summary>A primary and a replica with three sentinels. Its life ends with the primary's, and goes on as the replica's.</summary>
internal sealed class WatchedBySentinels : IDeployment
{
    private readonly SentinelSet _set;
    private readonly RespClient _admin;
    private RedisServer _primary;
    private RedisServer _replica;
    private bool _isReplicaAway;

    private WatchedBySentinels(SentinelSet set)
    {
        (_set, _primary, _replica) = (set, set.Primary, set.Replica);
        _admin = new RespClient(RespOptions.Parse(set.Configuration + ",timeout=10000"));
    }

    public RedisSharedTierOptions Options => new() { Connection = RespOptions.Parse(_set.Configuration) };

    public static async Task<WatchedBySentinels> StartAsync() => new(await SentinelSet.StartAsync());

    public async Task<RespValue> TellAsync(RespCommand command) => await _admin.ExecuteAsync(command);

    /// <summary>A replica that had everything is promoted, or one that had nothing any more.</summary>
    public async Task RestartAsync(RestartKind kind)
    {
        await FollowAsync();
        await _set.SettledAsync();
        if (kind == RestartKind.Empty)
        {
            await TellAsync(new RespCommand("FLUSHALL") { Traits = RespTraits.Idempotent });
        }

        // Another write, so that there is something to wait for.
        await TellAsync(new RespCommand("SET", "settled", 1) { Traits = RespTraits.Idempotent });
        await UntilFollowedAsync();
        await _primary.KillAsync();
        (_primary, _replica, _isReplicaAway) = (_replica, _primary, true);

        // Sentinels end a promoted node's connections.
        await using var promoted = Direct(_primary);
        while ((await promoted.ExecuteAsync(new RespCommand("ROLE") { Traits = RespTraits.Idempotent })).Items[0].Text != "master")
        {
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _set.DisposeAsync();
    }

    private static RespClient Direct(RedisServer server) => new(RespOptions.Parse(server.Address + ",mode=single,timeout=10000"));

    // Sentinels would have it follow too, ten seconds later.
    private async Task FollowAsync()
    {
        if (_isReplicaAway)
        {
            await _replica.LaunchAsync();
            await using var replica = Direct(_replica);
            await replica.ExecuteAsync(new RespCommand("REPLICAOF", "127.0.0.1", _primary.Port) { Traits = RespTraits.Idempotent });
            _isReplicaAway = false;
        }
    }

    private async Task UntilFollowedAsync()
    {
        await using var primary = Direct(_primary);
        await using var replica = Direct(_replica);
        while (await OffsetAsync(replica, "slave_repl_offset") < await OffsetAsync(primary, "master_repl_offset"))
        {
            await Task.Delay(20);
        }
    }

    private static async Task<long> OffsetAsync(RespClient node, string name)
    {
        var lines = (await node.ExecuteAsync(new RespCommand("INFO", "replication") { Traits = RespTraits.Idempotent })).Text!.Split('\n', StringSplitOptions.TrimEntries);
        var line = lines.FirstOrDefault(one => one.StartsWith(name + ":", StringComparison.Ordinal));
        return line is null || lines.Contains("master_link_status:down") ? -1 : long.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
