using Millpond.Journals;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>What is kept of records that are settled.</summary>
internal static class JournalTrailCases
{
    private static readonly TrailOptions Ample = new() { AgeMax = TimeSpan.FromDays(1), BytesMax = 100 << 20 };

    public static IReadOnlyList<JournalCase> All { get; } =
    [
        new("a journal that was not told to keeps no trail", async run => Expect.True((await run.OpenAsync().ConfigureAwait(false)).Trail is null, "there is no trail")),
        Case("what is applied goes to the trail as it was acknowledged, and nothing else does, over restarts and kills", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var applied = await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Increment("c", -5), JournalCaseRun.Delete("a")], default).ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("b", "2")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            var records = await JournalCaseRun.AllAsync(lead).ConfigureAwait(false);
            Expect.Equal(0, (await TrailAsync(journal).ConfigureAwait(false)).Count, "records in the trail before anything is applied");
            await lead.AcknowledgeAsync(applied, default).ConfigureAwait(false);
            await lead.AcknowledgeAsync(applied, default).ConfigureAwait(false);
            var trail = await TrailAsync(journal).ConfigureAwait(false);
            Expect.All(["a=1 Applied", "c+-5 Applied", "a deleted Applied"], trail.Select(Say), "the trail");
            Expect.All(records.Take(3).Select(one => (one.Position, one.WrittenAt)), trail.Select(one => (one.Record.Position, one.Record.WrittenAt)), "positions and times of the records");
            await lead.DisposeAsync().ConfigureAwait(false);
            journal = await run.AfterRestartAsync(journal).ConfigureAwait(false);
            Expect.All(trail.Select(one => one.Cursor), (await TrailAsync(journal).ConfigureAwait(false)).Select(one => one.Cursor), "the trail after a restart");
            journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
            Expect.All(trail.Select(one => one.Cursor), (await TrailAsync(journal).ConfigureAwait(false)).Select(one => one.Cursor), "the trail after a kill");
        }),
        Case("a dead letter goes to the trail when it is removed, with its reason and what became of it", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var last = await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Increment("b", 2), JournalCaseRun.Set("a", "3"), JournalCaseRun.Set("c", "4")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            var records = await JournalCaseRun.AllAsync(lead).ConfigureAwait(false);
            await lead.BuryAsync([.. records.Take(3)], "not welcome", default).ConfigureAwait(false);
            await lead.AcknowledgeAsync(last, default).ConfigureAwait(false);
            Expect.All(["c=4 Applied"], (await TrailAsync(journal).ConfigureAwait(false)).Select(Say), "the trail while there are dead letters");
            await lead.RemoveAsync("a", records[0].Position, Settlement.Retried, default).ConfigureAwait(false);
            await lead.RemoveAsync("b", last, Settlement.Discarded, default).ConfigureAwait(false);
            await lead.RemoveAsync("a", last, Settlement.Retried, default).ConfigureAwait(false);
            var all = new[] { "c=4 Applied", "a=1 Retried: not welcome", "b+2 Discarded: not welcome", "a=3 Retried: not welcome" };
            Expect.All(all, (await TrailAsync(journal).ConfigureAwait(false)).Select(Say), "the trail");
            journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
            Expect.All(all, (await TrailAsync(journal).ConfigureAwait(false)).Select(Say), "the trail after a kill");
        }),
        Case("a trail is read in pages, by key and by time", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            for (var batch = 0; batch < 5; batch++)
            {
                var last = await journal.AppendAsync([JournalCaseRun.Set("a", $"{batch}"), JournalCaseRun.Set("b", $"{batch}")], default).ConfigureAwait(false);
                await lead.AcknowledgeAsync(last, default).ConfigureAwait(false);
                await run.Fixture.AdvanceAsync(TimeSpan.FromMilliseconds(20)).ConfigureAwait(false);
            }

            var all = await TrailAsync(journal).ConfigureAwait(false);
            Expect.All(["a=0", "b=0", "a=1", "b=1", "a=2", "b=2", "a=3", "b=3", "a=4", "b=4"], all.Select(one => JournalCaseRun.Say(one.Record)), "all");
            Expect.True(all.Zip(all.Skip(1)).All(pair => pair.First.Cursor < pair.Second.Cursor && pair.First.SettledAt <= pair.Second.SettledAt), "places and times rise");
            Expect.All(all.Select(one => one.Cursor), (await TrailAsync(journal, new TrailQuery { RecordsMax = 3 }).ConfigureAwait(false)).Select(one => one.Cursor), "all in pages of three");
            Expect.All(["b=0", "b=1", "b=2", "b=3", "b=4"], (await TrailAsync(journal, new TrailQuery { Key = "b", RecordsMax = 2 }).ConfigureAwait(false)).Select(one => JournalCaseRun.Say(one.Record)), "those of b");
            var (from, until) = (all[2].SettledAt, all[6].SettledAt);
            Expect.All(["a=1", "b=1", "a=2", "b=2"], (await TrailAsync(journal, new TrailQuery { From = from, Until = until }).ConfigureAwait(false)).Select(one => JournalCaseRun.Say(one.Record)), "those of a time");
            Expect.Equal(0, (await TrailAsync(journal, new TrailQuery { Key = "nobody" }).ConfigureAwait(false)).Count, "those of a key that is not there");
            var page = await journal.Trail!.ReadAsync(new TrailQuery { After = all[^1].Cursor }, default).ConfigureAwait(false);
            Expect.True(page is { Records.Count: 0, Next: null }, "nothing comes after the last");
        }),
        Case("two instances settle one after the other, and the trail has each record once and in order", async run =>
        {
            var (one, other) = (await run.OpenAsync().ConfigureAwait(false), await run.OpenAsync().ConfigureAwait(false));
            var last = await one.AppendAsync([.. Enumerable.Range(0, 10).Select(i => JournalCaseRun.Set("a", $"{i}"))], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(one).ConfigureAwait(false);
            await lead.AcknowledgeAsync(last - 5, default).ConfigureAwait(false);
            await lead.DisposeAsync().ConfigureAwait(false);
            var next = await run.LeadAsync(other).ConfigureAwait(false);
            await next.AcknowledgeAsync(last - 7, default).ConfigureAwait(false);
            await next.AcknowledgeAsync(last, default).ConfigureAwait(false);
            Expect.All(Enumerable.Range(0, 10).Select(i => $"a={i} Applied"), (await TrailAsync(one).ConfigureAwait(false)).Select(Say), "the trail");
        }, JournalNeeds.Fleet),
        Case("A56: whoever has lost the lead puts nothing into the trail", async run =>
        {
            var (one, other) = (await run.OpenAsync().ConfigureAwait(false), await run.OpenAsync().ConfigureAwait(false));
            await one.AppendAsync([JournalCaseRun.Set("dead", "1")], default).ConfigureAwait(false);
            var last = await one.AppendAsync([JournalCaseRun.Set("a", "2")], default).ConfigureAwait(false);
            var zombie = await run.LeadAsync(one).ConfigureAwait(false);
            await zombie.BuryAsync([(await JournalCaseRun.AllAsync(zombie).ConfigureAwait(false))[0]], "no", default).ConfigureAwait(false);
            await run.Fixture.TakeLeadAwayAsync().ConfigureAwait(false);
            await run.LeadAsync(other).ConfigureAwait(false);
            await JournalCaseRun.FailsAsync(() => zombie.AcknowledgeAsync(last, default), JournalFailure.LeadLost, "an acknowledgement").ConfigureAwait(false);
            await JournalCaseRun.FailsAsync(() => zombie.RemoveAsync("dead", last, Settlement.Discarded, default), JournalFailure.LeadLost, "a removal").ConfigureAwait(false);
            Expect.Equal(0, (await TrailAsync(other).ConfigureAwait(false)).Count, "records in the trail");
        }, JournalNeeds.Fleet | JournalNeeds.LeadTaken),
        Case("a death in mid-settlement leaves each record in exactly one of journal and trail", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var written = new List<string>();
            for (var death = 0; death < 4; death++)
            {
                var batch = Enumerable.Range(0, 50).Select(i => (Key: $"k{i % 7}", Value: $"{death}.{i}")).ToArray();
                written.AddRange(batch.Select(one => $"{one.Key}={one.Value}"));
                var last = await journal.AppendAsync([.. batch.Select(one => JournalCaseRun.Set(one.Key, one.Value))], default).ConfigureAwait(false);
                var lead = await run.LeadAsync(journal).ConfigureAwait(false);
                await lead.AcknowledgeAsync(last - 40, default).ConfigureAwait(false);
                var settling = lead.AcknowledgeAsync(last - 20, default).AsTask();
                journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
                await Task.WhenAny(settling).ConfigureAwait(false);
            }

            var pending = await JournalCaseRun.AllAsync(await run.LeadAsync(journal).ConfigureAwait(false)).ConfigureAwait(false);
            var trail = await TrailAsync(journal).ConfigureAwait(false);
            Expect.All(written, trail.Select(one => one.Record).Concat(pending).Select(JournalCaseRun.Say), "the trail and then the journal");
        }),
        new("what is past its age is read no more", async run =>
        {
            run.Fixture.KeepTrail(Ample with { AgeMax = TimeSpan.FromSeconds(1) });
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.AcknowledgeAsync(await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false), default).ConfigureAwait(false);
            await run.Fixture.AdvanceAsync(TimeSpan.FromSeconds(1.2)).ConfigureAwait(false);
            await lead.AcknowledgeAsync(await journal.AppendAsync([JournalCaseRun.Set("a", "2")], default).ConfigureAwait(false), default).ConfigureAwait(false);
            Expect.True((await TrailAsync(journal).ConfigureAwait(false)).All(one => JournalCaseRun.Say(one.Record) == "a=2"), "only what is younger is read");
        }, JournalNeeds.Trail),
        new("a trail that is full lets go of the oldest, says so, and holds up nothing", async run =>
        {
            run.Fixture.KeepTrail(Ample with { BytesMax = 64 << 10 });
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            DateTimeOffset? begun = null;
            for (var i = 0; i < 40; i++)
            {
                var last = await journal.AppendAsync([JournalCaseRun.Set("a", new string('v', 10_000)), JournalCaseRun.Set("b", $"{i}")], default).ConfigureAwait(false);
                await lead.AcknowledgeAsync(last, default).ConfigureAwait(false);
                begun ??= (await TrailAsync(journal).ConfigureAwait(false))[0].SettledAt;
            }

            var page = await journal.Trail!.ReadAsync(new TrailQuery { RecordsMax = 1000 }, default).ConfigureAwait(false);
            for (var polls = 0; polls < 600 && page.Records.Count == 80; polls++)
            {
                await run.Fixture.AdvanceAsync(TimeSpan.FromMilliseconds(50)).ConfigureAwait(false);
                page = await journal.Trail!.ReadAsync(new TrailQuery { RecordsMax = 1000 }, default).ConfigureAwait(false);
            }

            Expect.Equal("b=39", JournalCaseRun.Say(page.Records[^1].Record), "the newest of the trail");
            Expect.True(page.Records.Count < 80 && page.CompleteSince >= begun, "the oldest are gone, and it says so");
            var whole = page.Records.Where(one => one.SettledAt > page.CompleteSince).Select(one => one.Record.Position).ToArray();
            Expect.All(Enumerable.Range(0, whole.Length).Select(i => whole[0] + i), whole, "positions of what it says is complete");
        }, JournalNeeds.Trail),
    ];

    private static JournalCase Case(string name, Func<JournalCaseRun, Task> body, JournalNeeds needs = JournalNeeds.None) => new(name, run =>
    {
        run.Fixture.KeepTrail(Ample);
        return body(run);
    }, needs | JournalNeeds.Trail);

    private static string Say(TrailRecord one) => $"{JournalCaseRun.Say(one.Record)} {one.Settlement}{(one.Reason.Length > 0 ? ": " : "")}{one.Reason}";

    /// <summary>All pages.</summary>
    private static async Task<IReadOnlyList<TrailRecord>> TrailAsync(IWriteJournal journal, TrailQuery? query = null)
    {
        var found = new List<TrailRecord>();
        for (var next = query ?? new TrailQuery(); ;)
        {
            var page = await journal.Trail!.ReadAsync(next, default).ConfigureAwait(false);
            Expect.True(page.Records.Count <= next.RecordsMax, "no more records than asked for");
            found.AddRange(page.Records);
            if (page.Next is not { } after)
            {
                return found;
            }

            next = next with { After = after };
        }
    }
}
