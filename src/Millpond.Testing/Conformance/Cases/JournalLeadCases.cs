using Millpond.Journals;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Who flushes, and from where on.</summary>
internal static class JournalLeadCases
{
    public static IReadOnlyList<JournalCase> All { get; } =
    [
        new("one leads at a time", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            Expect.True(await journal.TryLeadAsync(default).ConfigureAwait(false) is null, "a second lead is not given");
            await lead.DisposeAsync().ConfigureAwait(false);
            await run.LeadAsync(journal).ConfigureAwait(false);
        }),
        new("of two instances one leads", async run =>
        {
            var (one, other) = (await run.OpenAsync().ConfigureAwait(false), await run.OpenAsync().ConfigureAwait(false));
            var lead = await run.LeadAsync(one).ConfigureAwait(false);
            Expect.True(await other.TryLeadAsync(default).ConfigureAwait(false) is null, "the other instance is not given the lead");
            await lead.DisposeAsync().ConfigureAwait(false);
            await run.LeadAsync(other).ConfigureAwait(false);
        }, JournalNeeds.Fleet),
        new("tokens rise, over restarts and kills too", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var tokens = new List<long>();
            for (var i = 0; i < 3; i++)
            {
                tokens.Add((await run.LeadAsync(journal).ConfigureAwait(false)).Token);
                journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
                var lead = await run.LeadAsync(journal).ConfigureAwait(false);
                tokens.Add(lead.Token);
                await lead.DisposeAsync().ConfigureAwait(false);
                journal = await run.AfterRestartAsync(journal).ConfigureAwait(false);
            }

            Expect.True(tokens.Zip(tokens.Skip(1)).All(pair => pair.First < pair.Second), $"tokens rise ({string.Join(", ", tokens)})");
        }),
        new("what was not acknowledged is read again by the next lead", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var first = await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "2"), JournalCaseRun.Set("b", "3")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.AcknowledgeAsync(first, default).ConfigureAwait(false);
            await lead.DisposeAsync().ConfigureAwait(false);
            journal = await run.AfterRestartAsync(journal).ConfigureAwait(false);
            var records = await JournalCaseRun.AllAsync(await run.LeadAsync(journal).ConfigureAwait(false)).ConfigureAwait(false);
            Expect.All(["a=2", "b=3"], records.TakeLast(2).Select(JournalCaseRun.Say), "records of the next lead");
        }),
        new("an acknowledgement never goes back", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var first = await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            var last = await journal.AppendAsync([JournalCaseRun.Set("a", "2")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.AcknowledgeAsync(last, default).ConfigureAwait(false);
            await lead.AcknowledgeAsync(first, default).ConfigureAwait(false);
            Expect.Equal(last, lead.Acknowledged, "the acknowledged position");
            Expect.Equal(0, (await JournalCaseRun.AllAsync(lead).ConfigureAwait(false)).Count, "records left");
        }),
        new("it reads no more records than asked for, and goes on after a position", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([.. Enumerable.Range(0, 10).Select(i => JournalCaseRun.Set("a", $"{i}"))], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            var first = await lead.ReadAsync(lead.Acknowledged, 4, default).ConfigureAwait(false);
            Expect.All(["a=0", "a=1", "a=2", "a=3"], first.Select(JournalCaseRun.Say), "the first four");
            var rest = await lead.ReadAsync(first[^1].Position, 100, default).ConfigureAwait(false);
            Expect.All(["a=4", "a=5", "a=6", "a=7", "a=8", "a=9"], rest.Select(JournalCaseRun.Say), "the rest");
        }),
        new("whoever waits for more goes on when there is more", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            var more = lead.WaitAsync(lead.Acknowledged, default).AsTask();
            await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            for (var polls = 0; polls < 400 && !more.IsCompleted; polls++)
            {
                await run.Fixture.AdvanceAsync(TimeSpan.FromMilliseconds(50)).ConfigureAwait(false);
            }

            Expect.True(more.IsCompletedSuccessfully, "the wait has ended");
        }),
        new("A56: whoever has lost the lead acknowledges nothing", run => ZombieAsync(run, (zombie, _, last) => zombie.AcknowledgeAsync(last, default)), JournalNeeds.Fleet | JournalNeeds.LeadTaken),
        new("A56: whoever has lost the lead buries nothing", run => ZombieAsync(run, (zombie, record, _) => zombie.BuryAsync([record], "no", default)), JournalNeeds.Fleet | JournalNeeds.LeadTaken),
        new("A56: whoever has lost the lead removes no dead letter", run => ZombieAsync(run, (zombie, _, last) => zombie.RemoveAsync("dead", last, Settlement.Discarded, default)), JournalNeeds.Fleet | JournalNeeds.LeadTaken),
        new("a lead that was given back acknowledges nothing", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var last = await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.DisposeAsync().ConfigureAwait(false);
            await JournalCaseRun.FailsAsync(() => lead.AcknowledgeAsync(last, default), JournalFailure.LeadLost, "an acknowledgement after it was given back").ConfigureAwait(false);
        }),
    ];

    // Each step is the first that the zombie tries: after a refusal it knows by itself that its lead is over.
    private static async Task ZombieAsync(JournalCaseRun run, Func<IJournalLead, JournalRecord, long, ValueTask> step)
    {
        var (one, other) = (await run.OpenAsync().ConfigureAwait(false), await run.OpenAsync().ConfigureAwait(false));
        await one.AppendAsync([JournalCaseRun.Set("dead", "1")], default).ConfigureAwait(false);
        var last = await one.AppendAsync([JournalCaseRun.Set("a", "2")], default).ConfigureAwait(false);
        var zombie = await run.LeadAsync(one).ConfigureAwait(false);
        var records = await JournalCaseRun.AllAsync(zombie).ConfigureAwait(false);
        await zombie.BuryAsync([records[0]], "not welcome", default).ConfigureAwait(false);
        await run.Fixture.TakeLeadAwayAsync().ConfigureAwait(false);
        var lead = await run.LeadAsync(other).ConfigureAwait(false);
        Expect.True(lead.Token > zombie.Token, "the new token is above the old one");
        await JournalCaseRun.FailsAsync(() => step(zombie, records[1], last), JournalFailure.LeadLost, "a step of the old lead").ConfigureAwait(false);
        Expect.True(zombie.Lost.IsCancellationRequested, "the old lead says that it is lost");
        Expect.All(["a=2"], (await JournalCaseRun.AllAsync(lead).ConfigureAwait(false)).Select(JournalCaseRun.Say), "records of the new lead");
        var letters = await other.ReadDeadLettersAsync(0, 10, default).ConfigureAwait(false);
        Expect.All(["dead=1: not welcome"], letters.Select(letter => $"{JournalCaseRun.Say(letter.Record)}: {letter.Reason}"), "dead letters");
    }
}
