using Millpond.FileJournal.Tests.Segments;
using Millpond.Journals;
using Millpond.Testing.Time;

namespace Millpond.FileJournal.Tests.Trails;

/// <summary>A trail is the journal's own files, kept for a while. What every trail promises the conformance suite judges.</summary>
public sealed class Keeping
{
    private static readonly TrailOptions ADay = new() { AgeMax = TimeSpan.FromDays(1), BytesMax = 100 << 20 };

    [Fact]
    public async Task Files_whose_records_are_settled_are_kept_and_go_one_by_one_when_they_are_old()
    {
        using var folder = new TemporaryFolder();
        var clock = new SimulatedTime();
        await using var journal = await FilledAsync(folder, 3, ADay, clock);
        Assert.Equal(3, Kept(folder).Length);
        clock.Advance(TimeSpan.FromHours(25));
        var before = await ReadAsync(journal);
        Assert.True(before is { Records.Count: 0, Next: null });
        foreach (var left in new[] { 2, 1, 0, 0 })
        {
            await journal.SetAsync("a", "1");
            Assert.Equal(left, Kept(folder).Length);
        }

        var lead = (await journal.TryLeadAsync(default))!;
        await lead.AcknowledgeAsync(journal.Memory.Last, default);
        Assert.Equal(4, (await ReadAsync(journal)).Records.Count);
    }

    [Fact]
    public async Task Files_that_are_too_many_go_before_their_time_and_the_trail_says_so()
    {
        using var folder = new TemporaryFolder();
        await using (var journal = await FilledAsync(folder, 4, ADay))
        {
            Assert.Null((await ReadAsync(journal)).CompleteSince);
        }

        await using var smaller = await Rig.OpenAsync(folder, trail: ADay with { BytesMax = 140 << 10 });
        for (var i = 0; i < 4; i++)
        {
            await smaller.SetAsync("z", "1");
        }

        Assert.True(Kept(folder).Sum(file => new FileInfo(file).Length) <= 140 << 10);
        var page = await ReadAsync(smaller);
        Assert.NotNull(page.CompleteSince);
        Assert.NotEmpty(page.Records);
    }

    [Fact]
    public async Task Where_the_disk_is_full_the_oldest_go_for_what_is_written()
    {
        using var folder = new TemporaryFolder();
        await (await FilledAsync(folder, 4, ADay)).DisposeAsync();
        var disk = new ScriptedDisk();
        await using var journal = await Rig.OpenAsync(folder, disk, ADay);
        var before = Kept(folder).Length;
        disk.FullWhen = () => Kept(folder).Length >= before - 1;
        for (var i = 0; i < 20; i++)
        {
            await journal.SetAsync($"z{i}", new string('v', 10_000));
        }

        Assert.Equal(before - 2, Kept(folder).Length);
        Assert.NotNull((await ReadAsync(journal)).CompleteSince);
        disk.FullWhen = () => true;
        var refused = await Assert.ThrowsAsync<JournalException>(async () =>
        {
            while (true)
            {
                await journal.SetAsync("a", new string('v', 10_000));
            }
        });
        Assert.Equal(JournalFailure.Refused, refused.Failure);
        Assert.Empty(Kept(folder));
    }

    [Fact]
    public async Task A_trail_that_was_off_for_a_while_begins_anew()
    {
        using var folder = new TemporaryFolder();
        await using (await FilledAsync(folder, 2, ADay))
        {
        }

        await using (await FilledAsync(folder, 2, trail: null))
        {
        }

        await using var journal = await FilledAsync(folder, 2, ADay);
        var page = await ReadAsync(journal);
        Assert.NotNull(page.CompleteSince);
        var whole = page.Records.Where(one => one.SettledAt > page.CompleteSince).Select(one => one.Record.Position).ToArray();
        Assert.Equal(Enumerable.Range(0, whole.Length).Select(i => whole[0] + i), whole);
        Assert.Equal(journal.Memory.Last, whole[^1]);
    }

    [Fact]
    public async Task Places_rise_though_the_clock_goes_back()
    {
        using var folder = new TemporaryFolder();
        var clock = new SimulatedTime();
        clock.Advance(TimeSpan.FromDays(1));
        TrailCursor newest;
        await using (var journal = await FilledAsync(folder, 2, ADay, clock))
        {
            newest = (await ReadAsync(journal)).Records[^1].Cursor;
        }

        await using var earlier = await FilledAsync(folder, 2, ADay, new SimulatedTime());
        var page = await earlier.Trail!.ReadAsync(new TrailQuery { After = newest, RecordsMax = 1000 }, default);
        Assert.NotEmpty(page.Records);
        Assert.True(page.Records.Zip(page.Records.Skip(1)).All(pair => pair.First.Cursor < pair.Second.Cursor));
    }

    [Fact]
    public async Task A_letter_that_is_retried_comes_after_what_was_flushed_of_its_key()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Rig.OpenAsync(folder, trail: ADay);
        await journal.SetAsync("a", "1");
        var last = await journal.SetAsync("a", "2");
        var lead = (await journal.TryLeadAsync(default))!;
        await lead.BuryAsync([.. journal.Memory.Read(1, 10)], "no", default);

        // Both are said before anything is written down.
        await lead.AcknowledgeAsync(last, default);
        await lead.RemoveAsync("a", last, Settlement.Retried, default);
        Assert.Equal([(1, Settlement.Applied), (2, Settlement.Retried)], (await ReadAsync(journal)).Records.Select(one => (one.Record.Position, one.Settlement)));
    }

    [Fact]
    public void A_trail_that_could_keep_nothing_is_a_fault()
    {
        var fault = Assert.Throws<MillpondException>(() => FileJournals.With(new FileJournalOptions { Folder = "x", Trail = new TrailOptions { AgeMax = TimeSpan.Zero, BytesMax = 1 << 20 } }));
        Assert.Contains("AgeMax", fault.Message, StringComparison.Ordinal);
        Assert.Contains("SegmentBytes", fault.Message, StringComparison.Ordinal);
    }

    private static string[] Kept(TemporaryFolder folder) => Directory.GetFiles(folder.Path, "*.flushed");

    private static async Task<TrailPage> ReadAsync(FileJournal journal) => await journal.Trail!.ReadAsync(new TrailQuery { RecordsMax = 1000 }, default);

    /// <summary>A journal with so many files more whose records are all settled.</summary>
    private static async Task<FileJournal> FilledAsync(TemporaryFolder folder, int segments, TrailOptions? trail, TimeProvider? time = null)
    {
        var journal = await Rig.OpenAsync(folder, trail: trail, time: time);
        var before = folder.Segments.Length;
        for (var i = 0; folder.Segments.Length < before + segments; i++)
        {
            await journal.SetAsync($"k{i}", new string('v', 10_000));
        }

        var lead = (await journal.TryLeadAsync(default))!;
        await lead.AcknowledgeAsync(journal.Memory.Last, default);
        await lead.DisposeAsync();
        return journal;
    }
}
