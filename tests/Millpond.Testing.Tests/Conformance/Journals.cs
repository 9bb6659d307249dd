using Millpond.Testing.Conformance;
using Xunit;

namespace Millpond.Testing.Tests.Conformance;

/// <summary>The contract of journals, judged on the one in memory: every case runs there.</summary>
public sealed class Journals
{
    public static TheoryData<string> Names => [.. JournalConformance.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Case(string name)
    {
        var one = JournalConformance.Cases.Single(c => c.Name == name);
        var fixture = new InMemoryJournalFixture();
        Assert.True(one.IsFor(fixture));
        fixture.Surroundings.Run(() => one.RunAsync(fixture));
    }
}
