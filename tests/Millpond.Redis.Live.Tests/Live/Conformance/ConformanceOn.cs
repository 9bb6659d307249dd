using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Conformance;

/// <summary>The engine of a class, for the cases that do not restart it; started by the first of them.</summary>
public sealed class SharedEngine : IAsyncLifetime
{
    private Task<IDeployment>? _engine;

    internal Task<IDeployment> GetAsync(Func<Task<IDeployment>> start) => _engine ??= start();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await (await _engine).DisposeAsync();
        }
    }
}

/// <summary>The contract, judged on one kind of engine: every case of the suite, one test each.</summary>
public abstract class ConformanceOn(SharedEngine shared) : IClassFixture<SharedEngine>
{
    public static TheoryData<string> Names => [.. SharedTierConformance.Cases.Select(c => c.Name)];

    /// <summary>How steps are to be made there, so that no run judges something else than it says.</summary>
    private protected virtual string Steps => "scripts";

    /// <summary>Whether a restart leaves the engine as good as it was, so that all cases may share it.</summary>
    private protected virtual bool RestartsShared => false;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case(string name)
    {
        var conformance = SharedTierConformance.Cases.Single(c => c.Name == name);
        var restarts = conformance.Needs.HasFlag(ConformanceNeeds.Restart);
        var isOwn = restarts && !RestartsShared;
        await using var fixture = await RedisFixture.StartAsync(isOwn ? await StartAsync() : await shared.GetAsync(StartAsync), isOwn, restarts);

        // No case is left out anywhere.
        Assert.True(conformance.IsFor(fixture));
        Assert.EndsWith($", by {Steps}", fixture.Tier.Capabilities.Product, StringComparison.Ordinal);
        await conformance.RunAsync(fixture);
    }

    private protected abstract Task<IDeployment> StartAsync();
}
