using Millpond.Journals;
using Millpond.Postgres.Journals;
using Millpond.Runtime;
using Millpond.Testing.Conformance;
using Cases = Millpond.Testing.Conformance.JournalConformance;

namespace Millpond.Postgres.Live.Tests.Live.Journals;

/// <summary>The contract of journals, judged on a real PostgreSQL: every case.</summary>
[Collection("one database")]
public sealed class OnPostgres(Database database) : IClassFixture<Database>
{
    public static TheoryData<string> Names => [.. Cases.Cases.Select(c => c.Name)];

    [Fact]
    public async Task What_is_known_of_a_journal_is_what_its_latest_step_left_whichever_answer_comes_last()
    {
        await using var journal = new PostgresJournal(new PostgresJournalOptions { ConnectionString = database.Server.ConnectionString, Table = "steps", Survives = JournalSurvival.ProcessDeath }, Surroundings.Real);
        await journal.OpenAsync("test", TestContext.Current.CancellationToken);
        await journal.AppendAsync([new(JournalKind.Set, "a", default)], TestContext.Current.CancellationToken);
        var overtaken = journal.Stand;
        await using var lead = (await journal.TryLeadAsync(TestContext.Current.CancellationToken))!;
        await lead.AcknowledgeAsync(overtaken.Last, TestContext.Current.CancellationToken);
        journal.Heard(overtaken, overtaken);
        Assert.Equal((1, 0), (overtaken.Depth.Records, journal.Depth.Records));
        var known = journal.Stand;
        foreach (var change in (Func<Task>[])
        [
            async () => await journal.AppendAsync([new(JournalKind.Set, "b", default)], default),
            async () => await lead.BuryAsync(await lead.ReadAsync(0, 1, default), "bad", default),
            async () => await lead.RemoveAsync("b", long.MaxValue, Settlement.Discarded, default),
        ])
        {
            await change();
            Assert.True(journal.Stand.Step > known.Step, $"{journal.Stand} is later than {known}");
            known = journal.Stand;
        }
    }

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
