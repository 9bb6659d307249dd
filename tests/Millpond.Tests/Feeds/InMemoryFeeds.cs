using Millpond.Testing.Conformance;

namespace Millpond.Tests.Feeds;

/// <summary>The contract of change feeds, judged on the source in memory.</summary>
public sealed class InMemoryFeeds
{
    public static TheoryData<string> Names => [.. FeedConformance.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Keep_the_contract(string name)
    {
        var fixture = new InMemoryFeedFixture();
        var one = FeedConformance.Cases.Single(c => c.Name == name);
        Assert.True(one.IsFor(fixture));
        fixture.Surroundings.Run(() => one.RunAsync(fixture));
    }
}
