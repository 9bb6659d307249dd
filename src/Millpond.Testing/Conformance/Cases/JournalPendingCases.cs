namespace Millpond.Testing.Conformance.Cases;

/// <summary>What is pending, and how much.</summary>
internal static class JournalPendingCases
{
    public static IReadOnlyList<JournalCase> All { get; } =
    [
        new("a key's pending state is that of its newest set or delete", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            Expect.Equal("nothing", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "before any write");
            await journal.AppendAsync([JournalCaseRun.Set("a", "1"), JournalCaseRun.Set("a", "2"), JournalCaseRun.Set("b", "9")], default).ConfigureAwait(false);
            Expect.Equal("a=2", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "after two sets");
            await journal.AppendAsync([JournalCaseRun.Delete("a")], default).ConfigureAwait(false);
            Expect.Equal("a deleted", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "after a delete");
            Expect.Equal("b=9", JournalCaseRun.Say(await journal.FindPendingAsync("b", default).ConfigureAwait(false)), "of another key");
        }),
        new("increments are no state", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Increment("c", 1)], default).ConfigureAwait(false);
            Expect.Equal("nothing", JournalCaseRun.Say(await journal.FindPendingAsync("c", default).ConfigureAwait(false)), "after an increment");
        }),
        new("a state is pending until its own flush is acknowledged", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            var first = await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            var second = await journal.AppendAsync([JournalCaseRun.Set("a", "2")], default).ConfigureAwait(false);
            await lead.AcknowledgeAsync(first, default).ConfigureAwait(false);
            Expect.Equal("a=2", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "after the older one was flushed");
            await lead.AcknowledgeAsync(second, default).ConfigureAwait(false);
            Expect.Equal("nothing", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "after both were flushed");
        }),
        new("what is pending is found after the process was killed", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            await journal.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            journal = await run.AfterKillAsync(journal).ConfigureAwait(false);
            Expect.Equal("a=1", JournalCaseRun.Say(await journal.FindPendingAsync("a", default).ConfigureAwait(false)), "after the kill");
        }),
        new("what one instance appended another finds pending", async run =>
        {
            var (one, other) = (await run.OpenAsync().ConfigureAwait(false), await run.OpenAsync().ConfigureAwait(false));
            await one.AppendAsync([JournalCaseRun.Set("a", "1")], default).ConfigureAwait(false);
            Expect.Equal("a=1", JournalCaseRun.Say(await other.FindPendingAsync("a", default).ConfigureAwait(false)), "in the other instance");
        }, JournalNeeds.Fleet),
        new("its depth is what is not flushed", async run =>
        {
            var journal = await run.OpenAsync().ConfigureAwait(false);
            Expect.Equal(0, journal.Depth.Records, "records in an empty journal");
            await journal.AppendAsync([JournalCaseRun.Set("aaaa", "1111"), JournalCaseRun.Set("bbbb", "2222")], default).ConfigureAwait(false);
            var last = await journal.AppendAsync([JournalCaseRun.Set("cccc", "3333")], default).ConfigureAwait(false);
            Expect.Equal(3, journal.Depth.Records, "records");
            Expect.True(journal.Depth.Bytes >= 24, "the bytes of keys and values are counted");
            Expect.True(journal.Depth.OldestAt is not null, "the oldest has an age");
            var lead = await run.LeadAsync(journal).ConfigureAwait(false);
            await lead.AcknowledgeAsync(last, default).ConfigureAwait(false);
            Expect.Equal(0, journal.Depth.Records, "records after all were flushed");
            Expect.Equal(0, journal.Depth.Bytes, "bytes after all were flushed");
        }),
    ];
}
