using Millpond.Journals;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Appending, and what is there after an end of whatever kind.</summary>
internal static class JournalAppendCases
{
    public static IReadOnlyList<JournalCase> All { get; } =
    [
        new("what was appended is read in order with its kinds, values and deltas", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var last = await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Delete("b"), JournalCaseRun.Increment("c", -7)], default).ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("schl\u00fcssel", "wert \u2603")], default).ConfigureAwait(false);
            var records = await JournalCaseRun.AllAsync(await run.LeadAsync(journal).ConfigureAwait(false)).ConfigureAwait(false);
            Expect.All(["a=1", "b deleted", "c+-7", "schl\u00fcssel=wert \u2603"], records.Select(JournalCaseRun.Say), "records");
            Expect.Equal(last, records[2].Position, "the position that the first append returned");
        }),
        new("an empty value stays a value", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "")], default).ConfigureAwait(false);
            Expect.Equal("a=", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "the pending state");
        }),
        new("positions rise from record to record and from append to append", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            for (var i = 0; i < 20; i++)
            {
                await journal.AppendAsync([JournalCaseRun.Set($"k{i}", "1"), JournalCaseRun.Set($"k{i}", "2")], default).ConfigureAwait(false);
            }

            var records = await JournalCaseRun.AllAsync(await run.LeadAsync(journal).ConfigureAwait(false)).ConfigureAwait(false);
            Expect.Equal(40, records.Count, "records");
            Expect.True(records.Zip(records.Skip(1)).All(pair => pair.First.Position > 0 && pair.First.Position < pair.Second.Position), "positions rise and are above 0");
        }),
        new("of appends at the same time each stays together", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var appends = Enumerable.Range(0, 50).Select(i => journal.AppendAsync([JournalCaseRun.Set($"k{i}", "1"), JournalCaseRun.Set($"k{i}", "2")], default).AsTask());
            await Task.WhenAll(appends).ConfigureAwait(false);
            var records = await JournalCaseRun.AllAsync(await run.LeadAsync(journal).ConfigureAwait(false)).ConfigureAwait(false);
            Expect.Equal(100, records.Count, "records");
            Expect.True(records.Chunk(2).All(pair => pair[0].Key == pair[1].Key), "an append's records are next to each other");
        }),
        new("what was acknowledged is there after the process was killed", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Increment("c", 3)], default).ConfigureAwait(false);
            journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
            var records = await JournalCaseRun.AllAsync(await run.LeadAsync(journal).ConfigureAwait(false)).ConfigureAwait(false);
            Expect.All(["a=1", "c+3"], records.Select(JournalCaseRun.Say), "records after the kill");
        }),
        new("positions go on rising after everything was acknowledged and the journal opened anew", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var before = await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Set("a", "2")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.AcknowledgeAsync(before, default).ConfigureAwait(false);
            await lead.DisposeAsync().ConfigureAwait(false);
            for (var restarts = 0; restarts < 3; restarts++)
            {
                journal = await run.AfterRestartAsync(journal).ConfigureAwait(false);
            }

            var after = await journal.AppendAsync([JournalCaseRun.Set("a", "3")], default).ConfigureAwait(false);
            Expect.True(after > before, $"position {after} is above {before}");
        }),
        new("its identity is the same after a restart and after a kill", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            var identity = lead.Identity;
            Expect.True(identity.Length is > 0 and <= 64, "the identity has 1 to 64 characters");
            await lead.DisposeAsync().ConfigureAwait(false);
            journal = await run.AfterRestartAsync(journal).ConfigureAwait(false);
            journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
            Expect.Equal(identity, (await run.LeadAsync(journal).ConfigureAwait(false)).Identity, "the identity");
        }),
        new("it is opened for the keyspace that it was made for and no other", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            await journal.DisposeAsync().ConfigureAwait(false);
            await JournalCaseRun.FailsAsync(async () => await run.OpenAsync("another").ConfigureAwait(false), JournalFailure.Unfit, "opening it for another keyspace").ConfigureAwait(false);
        }),
        new("a refused append leaves nothing, and the next one is taken", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            await run.Fixture.RefuseAsync(AppendRefusal.Begins).ConfigureAwait(false);
            await JournalCaseRun.FailsAsync(async () => await journal.AppendAsync([JournalCaseRun.Set("a", "2")], default).ConfigureAwait(false), JournalFailure.Refused, "an append without room").ConfigureAwait(false);
            Expect.Equal("a=1", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "the pending state");
            await run.Fixture.RefuseAsync(AppendRefusal.Ends).ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "3")], default).ConfigureAwait(false);
            journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
            var records = await JournalCaseRun.AllAsync(await run.LeadAsync(journal).ConfigureAwait(false)).ConfigureAwait(false);
            Expect.All(["a=1", "a=3"], records.Select(JournalCaseRun.Say), "records");
        }, JournalNeeds.Refusal),
    ];
}
