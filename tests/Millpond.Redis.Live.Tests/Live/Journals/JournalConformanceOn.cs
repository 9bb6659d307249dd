using Millpond.Redis.Live.Tests.Live.Conformance;
using Millpond.Redis.Live.Tests.Live.Engines;
using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Journals;

/// <summary>The contract of journals, judged on one kind of engine.</summary>
public abstract class JournalConformanceOn(SharedEngine shared) : IClassFixture<SharedEngine>
{
    /// <summary>What can be done there.</summary>
    private protected virtual JournalNeeds Has => JournalNeeds.Fleet | JournalNeeds.LeadTaken | JournalNeeds.Trail;

    private protected async Task JudgeAsync(string name)
    {
        var one = JournalConformance.Cases.Single(c => c.Name == name);
        await using var fixture = new JournalFixture(await shared.GetAsync(StartAsync), Has);
        Assert.True(one.IsFor(fixture));
        await one.RunAsync(fixture);
    }

    private protected abstract Task<IDeployment> StartAsync();
}

/// <summary>Every case, on one redis-server with the rights that docs/redis.md lists and no more; appends are refused by a memory that is full.</summary>
public sealed class JournalOnRedis(SharedEngine shared) : JournalConformanceOn(shared)
{
    public static TheoryData<string> Names => [.. JournalConformance.Cases.Select(c => c.Name)];

    private protected override JournalNeeds Has => base.Has | JournalNeeds.Refusal;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Case(string name) => JudgeAsync(name);

    private protected override async Task<IDeployment> StartAsync() => await OneRedis.StartAsync(Rights.Journals);
}

/// <summary>The same in a cluster, without the case that fills the memory of a node that others use.</summary>
public sealed class JournalOnCluster(SharedEngine shared) : JournalConformanceOn(shared)
{
    public static TheoryData<string> Names => [.. JournalConformance.Cases.Where(c => !c.Needs.HasFlag(JournalNeeds.Refusal)).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Case(string name) => JudgeAsync(name);

    private protected override async Task<IDeployment> StartAsync() => await OneCluster.StartAsync();
}
