using Millpond.Testing.Conformance;

namespace Millpond.Sqlite.Live.Tests.Live;

/// <summary>The contract of change feeds, judged on SQLite with its write-ahead log, and with a rollback journal. SQLite has no truncate; its cases are left out.</summary>
public sealed class Conformance
{
    public static TheoryData<string> Names => [.. FeedConformance.Cases.Where(c => !c.Needs.HasFlag(FeedNeeds.Truncate)).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Case(string name) => RunAsync(name, "wal");

    [Theory]
    [MemberData(nameof(Names))]
    public Task Case_with_a_rollback_journal(string name) => RunAsync(name, "delete");

    /// <summary>An outbox can tell that all rows of a table are gone, so nothing is left out.</summary>
    public static TheoryData<string> AllNames => [.. FeedConformance.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(AllNames))]
    public async Task Case_of_an_outbox(string name)
    {
        var one = FeedConformance.Cases.Single(c => c.Name == name);
        await using var fixture = new OutboxFixture();
        Assert.True(one.IsFor(fixture));
        await one.RunAsync(fixture);
    }

    private static async Task RunAsync(string name, string journal)
    {
        var one = FeedConformance.Cases.Single(c => c.Name == name);
        await using var fixture = new SqliteFixture(journal);
        Assert.True(one.IsFor(fixture));
        await one.RunAsync(fixture);
    }
}
