using Millpond.Engines.Live;
using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Conformance;

/// <summary>One server for the cases that do not restart it.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    internal RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>The contract, judged on one redis-server.</summary>
public sealed class OnRedis(SharedRedis shared) : IClassFixture<SharedRedis>
{
    public static TheoryData<string> Names => [.. SharedTierConformance.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Scripted(string name)
    {
        var conformance = SharedTierConformance.Cases.Single(c => c.Name == name);
        await using var fixture = await RedisFixture.StartAsync(conformance.Needs.HasFlag(ConformanceNeeds.Restart) ? null : shared.Server);
        Assert.True(conformance.IsFor(fixture));
        await conformance.RunAsync(fixture);
    }
}
