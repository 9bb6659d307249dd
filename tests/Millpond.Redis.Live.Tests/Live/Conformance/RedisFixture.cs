using Millpond.Engines.Live;
using Millpond.Resp;
using Millpond.Shared;
using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Conformance;

/// <summary>A tier on a redis-server of this machine, in real time.</summary>
internal sealed class RedisFixture : ISharedTierFixture
{
    private static int _keyspaces;

    private readonly RedisServer _server;
    private readonly bool _isOwn;
    private readonly RedisSharedTier _tier;

    private RedisFixture(RedisServer server, bool isOwn, RedisSharedTier tier) => (_server, _isOwn, _tier) = (server, isOwn, tier);

    public ISharedTier Tier => _tier;

    public string Keyspace { get; } = $"test:product{Interlocked.Increment(ref _keyspaces)}:v1";

    public bool CanRestart => _isOwn;

    public bool CanEvict => true;

    /// <summary>A fixture on a server that others use too, or on one of its own.</summary>
    public static async Task<RedisFixture> StartAsync(RedisServer? shared)
    {
        var server = shared ?? await RedisServer.StartAsync();
        var tier = new RedisSharedTier(new RedisSharedTierOptions { Connection = RespOptions.Parse(server.Address), FloorsMax = 100 });
        await tier.ConnectAsync(TestContext.Current.CancellationToken);
        return new RedisFixture(server, shared is null, tier);
    }

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public async ValueTask RestartAsync(RestartKind kind)
    {
        if (kind == RestartKind.WithRecords)
        {
            await _tier.Client.ExecuteAsync("SAVE");
        }
        else
        {
            File.Delete(Path.Combine(_server.Folder, "dump.rdb"));
        }

        await _server.KillAsync();
        await _server.LaunchAsync();

        // The client says at once that a node was away, and tries again a little later.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await _tier.ConnectAsync(CancellationToken.None);
                return;
            }
            catch (SharedTierException) when (attempt < 50)
            {
                await Task.Delay(100);
            }
        }
    }

    public async ValueTask EvictAsync(SharedKey key) => await _tier.Client.ExecuteAsync("DEL", _tier.RecordKeyOf(key));

    public async ValueTask DisposeAsync()
    {
        await _tier.DisposeAsync();
        if (_isOwn)
        {
            await _server.DisposeAsync();
        }
    }
}
