using Millpond.Engines.Live;
using Millpond.Redis.Live.Tests.Live.Engines;
using Millpond.Resp;

namespace Millpond.Redis.Live.Tests.Live.Watched;

/// <summary>One server and two logins: one whose steps are scripts, one whose steps are watched transactions.</summary>
public sealed class TwoWays : IAsyncLifetime
{
    private RedisServer _server = null!;

    internal RedisSharedTier Scripted { get; private set; } = null!;

    internal RedisSharedTier Watched { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync(["--user", "app", "on", ">secret", .. Rights.Watched]);
        Scripted = await TierAsync("");
        Watched = await TierAsync(",user=app,password=secret");
    }

    public async ValueTask DisposeAsync()
    {
        await Scripted.DisposeAsync();
        await Watched.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <summary>One more process, so to speak, without scripts.</summary>
    internal Task<RedisSharedTier> WatchedTierAsync(int timeoutMilliseconds = 10_000) => TierAsync(",user=app,password=secret", timeoutMilliseconds);

    private async Task<RedisSharedTier> TierAsync(string login, int timeoutMilliseconds = 10_000)
    {
        var tier = new RedisSharedTier(new RedisSharedTierOptions { Connection = RespOptions.Parse($"{_server.Address},timeout={timeoutMilliseconds}{login}"), FloorsMax = 3, ChangesMax = 20 });
        await tier.ConnectAsync(TestContext.Current.CancellationToken);
        return tier;
    }
}
