using Millpond.Redis.Live.Tests.Live.Engines;

namespace Millpond.Redis.Live.Tests.Live.Conformance;

/// <summary>The contract by TLS alone, with the rights that docs/redis.md lists for scripts and no more.</summary>
public sealed class OnSecuredRedis(SharedEngine shared) : ConformanceOn(shared)
{
    private protected override async Task<IDeployment> StartAsync() => await OneRedis.StartSecureAsync(Rights.Scripted);
}

/// <summary>The contract on Garnet, whose scripts are isolated or not without telling, so they are not used.</summary>
public sealed class OnGarnet(SharedEngine shared) : ConformanceOn(shared)
{
    private protected override string Steps => "watched transactions";

    private protected override async Task<IDeployment> StartAsync() => await OneGarnet.StartAsync();
}

/// <summary>The contract where sentinels watch; a restart is the death of the primary and its replica's promotion.</summary>
public sealed class OnSentinels(SharedEngine shared) : ConformanceOn(shared)
{
    private protected override async Task<IDeployment> StartAsync() => await WatchedBySentinels.StartAsync();
}

/// <summary>The contract in a cluster, with 16 partitions; a restart is a replica's taking over.</summary>
public sealed class OnCluster(SharedEngine shared) : ConformanceOn(shared)
{
    private protected override bool RestartsShared => true;

    private protected override async Task<IDeployment> StartAsync() => await OneCluster.StartAsync();
}

/// <summary>The contract in a cluster where scripts are denied, with the rights that docs/redis.md lists for that and no more.</summary>
public sealed class OnClusterWithoutScripts(SharedEngine shared) : ConformanceOn(shared)
{
    private protected override string Steps => "watched transactions";

    private protected override bool RestartsShared => true;

    private protected override async Task<IDeployment> StartAsync() => await OneCluster.StartAsync([.. Rights.Watched, .. Rights.InCluster]);
}
