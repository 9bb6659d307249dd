using Millpond.Resp;
using Millpond.Shared;
using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Conformance;

/// <summary>A tier on an engine of this machine, in real time.</summary>
internal sealed class RedisFixture : ISharedTierFixture
{
    private static int _keyspaces;

    private readonly IDeployment _engine;
    private readonly bool _isOwn;
    private readonly RedisSharedTier _tier;

    private RedisFixture(IDeployment engine, bool isOwn, bool canRestart, RedisSharedTier tier) => (_engine, _isOwn, CanRestart, _tier) = (engine, isOwn, canRestart, tier);

    public ISharedTier Tier => _tier;

    public string Keyspace { get; } = $"test:product{Interlocked.Increment(ref _keyspaces)}:v1";

    public bool CanRestart { get; }

    public bool CanEvict => true;

    /// <summary>A fixture on an engine that others use too, or on one of its own, ended with it.</summary>
    public static async Task<RedisFixture> StartAsync(IDeployment engine, bool isOwn, bool canRestart)
    {
        var tier = new RedisSharedTier(engine.Options with { FloorsMax = 100 });
        await tier.ConnectAsync(TestContext.Current.CancellationToken);
        return new RedisFixture(engine, isOwn, canRestart, tier);
    }

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public async ValueTask RestartAsync(RestartKind kind)
    {
        await _engine.RestartAsync(kind);

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

    public async ValueTask EvictAsync(SharedKey key) => await _engine.TellAsync(new RespCommand("DEL", _tier.RecordKeyOf(key)));

    public async ValueTask DisposeAsync()
    {
        await _tier.DisposeAsync();
        if (_isOwn)
        {
            await _engine.DisposeAsync();
        }
    }
}
