using Millpond.Resp;

namespace Millpond.Engines.Live;

/// <summary>A primary, a replica, and three sentinels that watch them.</summary>
public sealed class SentinelSet : IAsyncDisposable
{
    /// <summary>What the sentinels call the primary.</summary>
    public const string ServiceName = "pond";

    private SentinelSet(RedisServer primary, RedisServer replica, RedisServer[] sentinels) => (Primary, Replica, Sentinels) = (primary, replica, sentinels);

    /// <summary>The one that was the primary at first.</summary>
    public RedisServer Primary { get; }

    /// <summary>The one that was the replica at first.</summary>
    public RedisServer Replica { get; }

    /// <summary>The sentinels.</summary>
    public IReadOnlyList<RedisServer> Sentinels { get; }

    /// <summary>What a client is configured with.</summary>
    public string Configuration => $"{string.Join(',', Sentinels.Select(s => s.Address))},serviceName={ServiceName}";

    /// <summary>Starts all five. A primary counts as down after <paramref name="downAfterMilliseconds"/>.</summary>
    public static async Task<SentinelSet> StartAsync(int downAfterMilliseconds = 500)
    {
        var primary = await RedisServer.StartAsync();
        var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", RedisServer.Text(primary.Port));
        var sentinels = new RedisServer[3];
        for (var i = 0; i < sentinels.Length; i++)
        {
            sentinels[i] = await StartSentinelAsync(primary.Port, downAfterMilliseconds);
        }

        return new SentinelSet(primary, replica, sentinels);
    }

    /// <summary>Waits until all sentinels know of one another and of the replica; a failover needs that.</summary>
    public async Task SettledAsync()
    {
        foreach (var sentinel in Sentinels)
        {
            await using var client = new RespClient(RespOptions.Parse(sentinel.Address + ",mode=single"));
            RespValue told;
            do
            {
                await Task.Delay(20);
                told = await client.ExecuteAsync("SENTINEL", "MASTER", ServiceName);
            }
            while (told.Find("num-other-sentinels")!.Text != "2" || told.Find("num-slaves")!.Text != "1");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in Sentinels.Append(Replica).Append(Primary))
        {
            await server.DisposeAsync();
        }
    }

    private static async Task<RedisServer> StartSentinelAsync(int primaryPort, int downAfterMilliseconds)
    {
        var port = EngineProcess.FreePort();
        var server = RedisServer.Sentinel(port, $"""
            port {port}
            bind 127.0.0.1
            sentinel monitor {ServiceName} 127.0.0.1 {primaryPort} 2
            sentinel down-after-milliseconds {ServiceName} {downAfterMilliseconds}
            sentinel failover-timeout {ServiceName} 3000
            sentinel parallel-syncs {ServiceName} 1

            """);
        await server.LaunchAsync();
        return server;
    }
}
