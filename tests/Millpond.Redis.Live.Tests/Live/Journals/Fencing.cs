using Millpond.Journals;
using Millpond.Redis.Live.Tests.Live.Conformance;
using Millpond.Redis.Live.Tests.Live.Engines;

namespace Millpond.Redis.Live.Tests.Live.Journals;

/// <summary>Each step of a lead that was lost is refused by the engine, also as the first one that its holder tries.</summary>
public sealed class Fencing(SharedEngine shared) : IClassFixture<SharedEngine>
{
    [Theory]
    [InlineData("acknowledge")]
    [InlineData("bury")]
    [InlineData("remove")]
    public async Task A56_a_zombie_changes_nothing(string step)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var fixture = new JournalFixture(await shared.GetAsync(async () => await OneRedis.StartAsync()), default);
        await using var journal = fixture.NewJournal();
        await journal.OpenAsync("test", stop);
        await journal.SetAsync("dead", "1");
        var last = await journal.SetAsync("a", "2");
        var zombie = (await journal.TryLeadAsync(stop))!;
        var records = await zombie.ReadAsync(zombie.Acknowledged, 10, stop);
        await zombie.BuryAsync([records[0]], "no", stop);
        await fixture.TakeLeadAwayAsync();
        await using var lead = (await journal.TryLeadAsync(stop))!;
        var refusal = await Assert.ThrowsAsync<JournalException>(async () => await (step switch
        {
            "acknowledge" => zombie.AcknowledgeAsync(last, stop),
            "bury" => zombie.BuryAsync([records[1]], "no", stop),
            _ => zombie.RemoveAsync("dead", last, stop),
        }));
        Assert.Equal(JournalFailure.LeadLost, refusal.Failure);
        Assert.True(zombie.Lost.IsCancellationRequested);
        Assert.Equal("a", Assert.Single(await lead.ReadAsync(lead.Acknowledged, 10, stop)).Key);
        Assert.Equal("dead", Assert.Single(await journal.ReadDeadLettersAsync(10, stop)).Record.Key);
    }
}
