using Millpond.Journals;
using Millpond.Sinks;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>What a sink applies, what it refuses, and what its ledger keeps.</summary>
internal static class SinkCases
{
    public static IReadOnlyList<SinkCase> All { get; } =
    [
        new("sets, deletes and increments reach their rows", async fixture =>
        {
            var (notes, counts) = (fixture.NewNotes(), fixture.NewCounts());
            var lead = await LeadAsync(notes, token: 1).ConfigureAwait(false);
            await notes.ApplyAsync(Batch(lead, 0, 3, Set(1, "a", 1), Set(2, "b", 2), Set(3, "c", 3)), default).ConfigureAwait(false);
            await notes.ApplyAsync(Batch(lead, 3, 6, Set(1, "a2", 4), Delete(2, 5), Delete(9, 6)), default).ConfigureAwait(false);
            Expect.Equal("a2, , c", $"{await fixture.NoteAsync(1).ConfigureAwait(false)}, {await fixture.NoteAsync(2).ConfigureAwait(false)}, {await fixture.NoteAsync(3).ConfigureAwait(false)}", "notes");
            var counting = await LeadAsync(counts, token: 1, "counts").ConfigureAwait(false);
            await counts.ApplyAsync(Batch(counting, 0, 2, Add(1, 5, 1), Add(2, -3, 2)), default).ConfigureAwait(false);
            await counts.ApplyAsync(Batch(counting, 2, 3, Add(1, 7, 3)), default).ConfigureAwait(false);
            Expect.Equal("12, -3", $"{await fixture.CountAsync(1).ConfigureAwait(false)}, {await fixture.CountAsync(2).ConfigureAwait(false)}", "counts");
        }),
        new("a batch without items moves the ledger on", async fixture =>
        {
            var notes = fixture.NewNotes();
            var lead = await LeadAsync(notes, token: 1).ConfigureAwait(false);
            await notes.ApplyAsync(Batch<string>(lead, 0, 5), default).ConfigureAwait(false);
            Expect.Equal(5, await notes.TakeOverAsync(lead, "", default).ConfigureAwait(false), "the ledger");
        }),
        new("what is applied is known to the next lead", async fixture =>
        {
            var one = fixture.NewNotes();
            var lead = await LeadAsync(one, token: 1).ConfigureAwait(false);
            await one.ApplyAsync(Batch(lead, 0, 7, Set(1, "a", 7)), default).ConfigureAwait(false);
            Expect.Equal(7, await fixture.NewNotes().TakeOverAsync(lead with { Token = 2 }, "", default).ConfigureAwait(false), "the position");
        }),
        new("a batch that is told again is refused and applied once", async fixture =>
        {
            var counts = fixture.NewCounts();
            var lead = await LeadAsync(counts, token: 1).ConfigureAwait(false);
            var batch = Batch(lead, 0, 1, Add(1, 5, 1));
            await counts.ApplyAsync(batch, default).ConfigureAwait(false);
            await FailsAsync(() => counts.ApplyAsync(batch, default), SinkFailure.Fenced, "the same batch again").ConfigureAwait(false);
            Expect.Equal(5, await fixture.CountAsync(1).ConfigureAwait(false), "the count");
        }),
        new("a lead that was taken over writes nothing and takes nothing over", async fixture =>
        {
            var (one, two) = (fixture.NewNotes(), fixture.NewNotes());
            var old = await LeadAsync(one, token: 1).ConfigureAwait(false);
            var next = await LeadAsync(two, token: 2).ConfigureAwait(false);
            await FailsAsync(() => one.ApplyAsync(Batch(old, 0, 1, Set(1, "old", 1)), default), SinkFailure.Fenced, "a batch of the old lead").ConfigureAwait(false);
            await FailsAsync(async () => await one.TakeOverAsync(old, "", default).ConfigureAwait(false), SinkFailure.Fenced, "the old lead taking over").ConfigureAwait(false);
            await two.ApplyAsync(Batch(next, 0, 1, Set(1, "new", 1)), default).ConfigureAwait(false);
            await FailsAsync(() => one.ApplyAsync(Batch(old, 1, 2, Set(1, "old", 2), "key:1"), default), SinkFailure.Fenced, "a batch of the old lead in another lane").ConfigureAwait(false);
            Expect.Equal("new", await fixture.NoteAsync(1).ConfigureAwait(false), "the note");
        }),
        new("a refused batch leaves nothing and the ledger where it was", async fixture =>
        {
            var notes = fixture.NewNotes();
            var lead = await LeadAsync(notes, token: 1).ConfigureAwait(false);
            await FailsAsync(() => notes.ApplyAsync(Batch(lead, 0, 2, Set(1, "a", 1), Set(2, ISinkFixture.Refused, 2)), default), SinkFailure.Refused, "a batch with a note that the source refuses").ConfigureAwait(false);
            Expect.Equal(null, await fixture.NoteAsync(1).ConfigureAwait(false), "the other note");
            Expect.Equal(0, await notes.TakeOverAsync(lead, "", default).ConfigureAwait(false), "the ledger");
            await notes.ApplyAsync(Batch(lead, 0, 1, Set(1, "a", 1)), default).ConfigureAwait(false);
            Expect.Equal("a", await fixture.NoteAsync(1).ConfigureAwait(false), "the note alone");
        }),
        new("lanes have positions of their own", async fixture =>
        {
            var notes = fixture.NewNotes();
            var lead = await LeadAsync(notes, token: 1).ConfigureAwait(false);
            await notes.ApplyAsync(Batch(lead, 0, 9, Set(1, "a", 9)), default).ConfigureAwait(false);
            Expect.Equal(0, await notes.TakeOverAsync(lead, "key:2", default).ConfigureAwait(false), "a lane that is new");
            await notes.ApplyAsync(Batch(lead, 0, 4, Set(2, "b", 4), "key:2"), default).ConfigureAwait(false);
            Expect.Equal((9L, 4L), (await notes.TakeOverAsync(lead, "", default).ConfigureAwait(false), await notes.TakeOverAsync(lead, "key:2", default).ConfigureAwait(false)), "both lanes");
        }),
        new("journals of one keyspace have ledgers of their own", async fixture =>
        {
            var notes = fixture.NewNotes();
            var lead = await LeadAsync(notes, token: 9).ConfigureAwait(false);
            await notes.ApplyAsync(Batch(lead, 0, 9, Set(1, "a", 9)), default).ConfigureAwait(false);
            await notes.TakeOverAsync(lead, "key:2", default).ConfigureAwait(false);
            var other = lead with { Journal = "another", Token = 1 };
            Expect.Equal((0L, 0L), (await notes.TakeOverAsync(other, "", default).ConfigureAwait(false), await notes.TakeOverAsync(other, "key:2", default).ConfigureAwait(false)), "both lanes");
            await notes.ApplyAsync(Batch(other, 0, 1, Set(1, "b", 1)), default).ConfigureAwait(false);
            await notes.ApplyAsync(Batch(lead, 9, 10, Set(1, "c", 10)), default).ConfigureAwait(false);
            Expect.Equal("c", await fixture.NoteAsync(1).ConfigureAwait(false), "the note");
        }),
        new("keyspaces have ledgers of their own", async fixture =>
        {
            var notes = fixture.NewNotes();
            var lead = await LeadAsync(notes, token: 5).ConfigureAwait(false);
            await notes.ApplyAsync(Batch(lead, 0, 9, Set(1, "a", 9)), default).ConfigureAwait(false);
            Expect.Equal(0, await notes.TakeOverAsync(lead with { Keyspace = "another", Token = 1 }, "", default).ConfigureAwait(false), "another keyspace's ledger");
        }),
        new("values of many batches end in their rows", async fixture =>
        {
            var notes = fixture.NewNotes();
            var lead = await LeadAsync(notes, token: 1).ConfigureAwait(false);
            for (var batch = 0L; batch < 5; batch++)
            {
                var from = batch * 100;
                await notes.ApplyAsync(Batch(lead, from, from + 100, [.. Enumerable.Range(0, 100).Select(i => Set(i, $"{batch} \u2603 ' \" \\", from + i + 1))]), default).ConfigureAwait(false);
            }

            Expect.Equal("4 \u2603 ' \" \\", await fixture.NoteAsync(99).ConfigureAwait(false), "a note");
        }),
    ];

    private static async Task<SinkLead> LeadAsync<TValue>(IWriteSink<int, TValue> sink, long token, string keyspace = "notes")
    {
        var lead = new SinkLead($"test:{keyspace}", "journal-1", token);
        Expect.Equal(0, await sink.TakeOverAsync(lead, "", default).ConfigureAwait(false), "the position of an empty ledger");
        return lead;
    }

    private static SinkItem<int, string> Set(int key, string value, long position) => new(key, JournalKind.Set, value, 0, position, 1);

    private static SinkItem<int, string> Delete(int key, long position) => new(key, JournalKind.Delete, null, 0, position, 1);

    private static SinkItem<int, long> Add(int key, long delta, long position) => new(key, JournalKind.Increment, 0, delta, position, 1);

    private static SinkBatch<int, TValue> Batch<TValue>(SinkLead lead, long from, long through, params SinkItem<int, TValue>[] items) =>
        new() { Lead = lead, Lane = "", From = from, Through = through, Items = items };

    private static SinkBatch<int, string> Batch(SinkLead lead, long from, long through, SinkItem<int, string> item, string lane) => Batch(lead, from, through, item) with { Lane = lane };

    private static async Task FailsAsync(Func<ValueTask> act, SinkFailure failure, string what)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (SinkException seen)
        {
            Expect.Equal(failure, seen.Failure, what);
            return;
        }

        throw new ConformanceException($"{what}: nothing was thrown.");
    }
}
