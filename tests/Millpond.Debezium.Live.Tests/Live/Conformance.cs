using Millpond.Engines.Live;
using Millpond.Testing.Conformance;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>The contract of change feeds, judged on a real Redis. What Debezium does not tell is left out: which rows were committed together, what was rolled back, and signs of life.</summary>
public sealed class Conformance : IAsyncLifetime
{
    private const FeedNeeds Lacks = FeedNeeds.RollBack | FeedNeeds.WholeTransactions | FeedNeeds.SignsOfLife;

    private RedisServer _server = null!;

    public static TheoryData<string, bool> Names
    {
        get
        {
            var names = FeedConformance.Cases.Where(c => (c.Needs & Lacks) == 0).Select(c => c.Name).ToArray();
            TheoryData<string, bool> all = [];
            foreach (var name in names)
            {
                all.Add(name, false);
            }

            // The other way to write a message changes how it is read and nothing else.
            all.Add(names[0], true);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case(string name, bool isExtended)
    {
        var one = FeedConformance.Cases.Single(c => c.Name == name);
        await using var fixture = new StreamFixture(_server, isExtended);
        Assert.True(one.IsFor(fixture));
        await one.RunAsync(fixture);
    }

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
