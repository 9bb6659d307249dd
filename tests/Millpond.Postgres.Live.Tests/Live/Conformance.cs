using Millpond.Testing.Conformance;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>The contract of change feeds, judged on a real PostgreSQL.</summary>
[Collection("one database")]
public sealed class Conformance(Database database) : IClassFixture<Database>
{
    public static TheoryData<string> Names => [.. FeedConformance.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case(string name)
    {
        var one = FeedConformance.Cases.Single(c => c.Name == name);
        await using var fixture = new PostgresFixture(database.Server);
        Assert.True(one.IsFor(fixture));
        await one.RunAsync(fixture);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case_of_an_outbox(string name)
    {
        var one = FeedConformance.Cases.Single(c => c.Name == name);
        await using var fixture = new OutboxFixture(database.Server);
        Assert.True(one.IsFor(fixture));
        await one.RunAsync(fixture);
    }
}
