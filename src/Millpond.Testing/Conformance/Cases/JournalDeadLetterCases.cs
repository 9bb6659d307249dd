using Millpond.Journals;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>What the sink refused.</summary>
internal static class JournalDeadLetterCases
{
    public static IReadOnlyList<JournalCase> All { get; } =
    [
        new("what is buried is read no more, and kept with its reason past the acknowledgement", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var last = await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Set("b", "2"), JournalCaseRun.Increment("c", 5)], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            var records = await JournalCaseRun.AllAsync(lead).ConfigureAwait(false);
            await lead.BuryAsync([records[0], records[2]], "not welcome", default).ConfigureAwait(false);
            Expect.All(["b=2"], (await JournalCaseRun.AllAsync(lead).ConfigureAwait(false)).Select(JournalCaseRun.Say), "what is left to read");
            await lead.AcknowledgeAsync(last, default).ConfigureAwait(false);
            await lead.DisposeAsync().ConfigureAwait(false);
            journal = await run.AfterRestartAsync(journal).ConfigureAwait(false);
            var letters = await journal.ReadDeadLettersAsync(0, 10, default).ConfigureAwait(false);
            Expect.All(["a=1: not welcome", "c+5: not welcome"], letters.Select(letter => $"{JournalCaseRun.Say(letter.Record)}: {letter.Reason}"), "dead letters after a restart");
            Expect.All(new[] { records[0].Position, records[2].Position }, letters.Select(letter => letter.Record.Position), "their positions");
            Expect.Equal(2, journal.Depth.DeadLetters, "dead letters counted");
            Expect.Equal(0, journal.Depth.Records, "records left");
        }),
        new("a burial survives a kill before the acknowledgement", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Set("b", "2")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            var records = await JournalCaseRun.AllAsync(lead).ConfigureAwait(false);
            await lead.BuryAsync([records[0]], "no", default).ConfigureAwait(false);
            journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
            Expect.All(["a=1"], (await journal.ReadDeadLettersAsync(0, 10, default).ConfigureAwait(false)).Select(letter => JournalCaseRun.Say(letter.Record)), "dead letters");
            Expect.All(["b=2"], (await JournalCaseRun.AllAsync(await run.LeadAsync(journal).ConfigureAwait(false)).ConfigureAwait(false)).Select(JournalCaseRun.Say), "records");
        }),
        new("to bury again changes nothing", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            var records = await JournalCaseRun.AllAsync(lead).ConfigureAwait(false);
            await lead.BuryAsync(records, "no", default).ConfigureAwait(false);
            await lead.BuryAsync(records, "no again", default).ConfigureAwait(false);
            Expect.All(["no"], (await journal.ReadDeadLettersAsync(0, 10, default).ConfigureAwait(false)).Select(letter => letter.Reason), "reasons");
        }),
        new("a dead letter's state is pending until it is removed, after a kill too", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var last = await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Set("a", "2")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.BuryAsync(await JournalCaseRun.AllAsync(lead).ConfigureAwait(false), "no", default).ConfigureAwait(false);
            await lead.AcknowledgeAsync(last, default).ConfigureAwait(false);
            Expect.Equal("a=2", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "the pending state");
            journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
            Expect.Equal("a=2", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "the pending state after a kill");
            lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.RemoveAsync("a", last, Settlement.Retried, default).ConfigureAwait(false);
            Expect.Equal("nothing", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "the pending state after the removal");
            Expect.Equal(0, journal.Depth.DeadLetters, "dead letters counted");
        }),
        new("removal takes the key's letters up to a position and no others", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var middle = await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Set("b", "2"), JournalCaseRun.Set("a", "3")], default).ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "4")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.BuryAsync(await JournalCaseRun.AllAsync(lead).ConfigureAwait(false), "no", default).ConfigureAwait(false);
            await lead.RemoveAsync("a", middle, Settlement.Discarded, default).ConfigureAwait(false);
            journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
            Expect.All(["b=2", "a=4"], (await journal.ReadDeadLettersAsync(0, 10, default).ConfigureAwait(false)).Select(letter => JournalCaseRun.Say(letter.Record)), "dead letters");
            Expect.Equal(0, (await JournalCaseRun.AllAsync(await run.LeadAsync(journal).ConfigureAwait(false)).ConfigureAwait(false)).Count, "records to read");
        }),
        new("letters are read in pages: no more than asked for, and on after a position", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([.. Enumerable.Range(0, 7).Select(i => JournalCaseRun.Set($"k{i % 3}", $"{i}"))], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.BuryAsync([.. (await JournalCaseRun.AllAsync(lead).ConfigureAwait(false)).Where((_, i) => i != 3)], "no", default).ConfigureAwait(false);
            var read = new List<string>();
            for (long after = 0; ;)
            {
                var page = await journal.ReadDeadLettersAsync(after, 2, default).ConfigureAwait(false);
                read.AddRange(page.Select(letter => JournalCaseRun.Say(letter.Record)));
                if (page.Count < 2 || read.Count > 6)
                {
                    break;
                }

                after = page[^1].Record.Position;
                if (read.Count == 4)
                {
                    // What is read already may go meanwhile.
                    await lead.RemoveAsync("k0", after - 1, Settlement.Discarded, default).ConfigureAwait(false);
                }
            }

            Expect.All(["k0=0", "k1=1", "k2=2", "k1=4", "k2=5", "k0=6"], read, "all pages");
            Expect.Equal(0, (await journal.ReadDeadLettersAsync(long.MaxValue, 10, default).ConfigureAwait(false)).Count, "letters after the last");
        }),
        new("one letter is read where one is asked for", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Set("b", "2")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.BuryAsync(await JournalCaseRun.AllAsync(lead).ConfigureAwait(false), "no", default).ConfigureAwait(false);
            Expect.All(["a=1"], (await journal.ReadDeadLettersAsync(0, 1, default).ConfigureAwait(false)).Select(letter => JournalCaseRun.Say(letter.Record)), "one letter");
        }),
    ];
}
