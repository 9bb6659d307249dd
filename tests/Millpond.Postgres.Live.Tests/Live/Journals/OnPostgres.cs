using Millpond.Testing.Conformance;
using Cases = Millpond.Testing.Conformance.JournalConformance;

namespace Millpond.Postgres.Live.Tests.Live.Journals;

/// <summary>The contract of journals, judged on a real PostgreSQL: every case.</summary>
[Collection("one database")]
public sealed class OnPostgres(Database database) : IClassFixture<Database>
{
    public static TheoryData<string> Names => [.. Cases.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case(string name)
    {
        var one = Cases.Cases.Single(c => c.Name == name);
        await using var fixture = new JournalFixture(database.Server);
        Assert.True(one.IsFor(fixture));
        await one.RunAsync(fixture);
    }
}
