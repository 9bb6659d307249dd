using Millpond.Testing.Conformance;
using Xunit;

namespace Millpond.Tests.Shared;

/// <summary>The contract, judged on the tier in process: coordinating, holding values, and behind a network without faults.</summary>
public sealed class InProcessConformance
{
    public static TheoryData<string> Names => [.. SharedTierConformance.Cases.Select(c => c.Name)];

    public static TheoryData<string> NamesWithoutValues =>
        [.. SharedTierConformance.Cases.Where(c => !c.Needs.HasFlag(ConformanceNeeds.Values)).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(NamesWithoutValues))]
    public void Coordinating(string name) => Judge(name, new InProcessFixture(payloadBytesMax: 0));

    [Theory]
    [MemberData(nameof(Names))]
    public void Holding_values(string name) => Judge(name, new InProcessFixture(payloadBytesMax: 1 << 20));

    [Theory]
    [MemberData(nameof(Names))]
    public void Behind_a_network(string name) => Judge(name, new InProcessFixture(payloadBytesMax: 1 << 20, isBehindNetwork: true));

    [Fact]
    public void No_two_cases_share_a_name() =>
        Assert.Equal(SharedTierConformance.Cases.Count, SharedTierConformance.Cases.Select(c => c.Name).Distinct().Count());

    private static void Judge(string name, InProcessFixture fixture)
    {
        ConformanceCase conformance = SharedTierConformance.Cases.Single(c => c.Name == name);
        Assert.True(conformance.IsFor(fixture));
        fixture.Surroundings.Run(() => conformance.RunAsync(fixture));
    }
}
