using System.Text;
using Millpond.Journals;

namespace Millpond.Postgres.Live.Tests.Live.Journals;

/// <summary>Each step of a lead that was lost is refused by the database, also as the first one that its holder tries.</summary>
[Collection("one database")]
public sealed class Fencing(Database database) : IClassFixture<Database>
{
    [Theory]
    [InlineData("acknowledge")]
    [InlineData("bury")]
    [InlineData("remove")]
    public async Task A56_a_zombie_changes_nothing(string step)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var fixture = new JournalFixture(database.Server);
        await using var journal = fixture.NewJournal();
        await journal.OpenAsync("test", stop);
        await journal.AppendAsync([new(JournalKind.Set, "dead", Encoding.UTF8.GetBytes("1"))], stop);
        var last = await journal.AppendAsync([new(JournalKind.Set, "a", Encoding.UTF8.GetBytes("2"))], stop);
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
