using Millpond.Engines.Live;

namespace Millpond.Resp.Live.Tests.Live;

/// <summary>One cluster for the tests that leave it as they found it.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    public ClusterSet Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await ClusterSet.StartAsync();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
