using Millpond.Redis.Live.Tests.Live.Engines;

namespace Millpond.Redis.Live.Tests.Live.Conformance;

/// <summary>The contract on one redis-server, by scripts.</summary>
public sealed class OnRedis(SharedEngine shared) : ConformanceOn(shared)
{
    private protected override async Task<IDeployment> StartAsync() => await OneRedis.StartAsync();
}

/// <summary>The contract where scripts are denied, with the rights that docs/redis.md lists for that and no more.</summary>
public sealed class OnRedisWithoutScripts(SharedEngine shared) : ConformanceOn(shared)
{
    private protected override string Steps => "watched transactions";

    private protected override async Task<IDeployment> StartAsync() => await OneRedis.StartAsync(Rights.Watched);
}
