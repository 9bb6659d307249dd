using Millpond.Testing.Conformance;

namespace Millpond.FileJournal.Tests.Live;

/// <summary>The contract of journals, judged on files. Cases for several instances at once are left out: the folder is one process's.</summary>
public sealed class Conformance
{
    public static TheoryData<string> Names => [.. JournalConformance.Cases.Where(c => !c.Needs.HasFlag(JournalNeeds.Fleet)).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case(string name)
    {
        var one = JournalConformance.Cases.Single(c => c.Name == name);
        await using var fixture = new Fixture();
        Assert.True(one.IsFor(fixture));
        await one.RunAsync(fixture);
    }
}
