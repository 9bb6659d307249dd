using System.Text;
using Millpond.Journals;

namespace Millpond.FileJournal.Tests.Segments;

/// <summary>Commits, segments, and disks that fail.</summary>
public sealed class Writing
{
    [Fact]
    public async Task Whoever_comes_during_a_flush_shares_the_next_one()
    {
        using var folder = new TemporaryFolder();
        var disk = new ScriptedDisk();
        await using var journal = await Rig.OpenAsync(folder, disk);
        await journal.SetAsync("warm", "up");
        using var hold = new ManualResetEventSlim();
        var before = disk.Flushes;
        disk.Hold = hold;
        var first = journal.SetAsync("a", "1").AsTask();
        while (disk.Flushes == before)
        {
            await Task.Yield();
        }

        Task<long>[] others = [.. Enumerable.Range(0, 100).Select(i => journal.SetAsync($"k{i}", "2").AsTask())];
        Assert.False(first.IsCompleted);
        disk.Hold = null;
        hold.Set();
        await Task.WhenAll([first, .. others]);
        Assert.Equal(before + 2, disk.Flushes);
    }

    [Fact]
    public async Task Nothing_is_acknowledged_or_pending_before_its_flush()
    {
        using var folder = new TemporaryFolder();
        var disk = new ScriptedDisk();
        await using var journal = await Rig.OpenAsync(folder, disk);
        using var hold = new ManualResetEventSlim();
        var before = disk.Flushes;
        disk.Hold = hold;
        var write = journal.SetAsync("a", "1").AsTask();
        while (disk.Flushes == before)
        {
            await Task.Yield();
        }

        Assert.False(write.IsCompleted);
        Assert.Null(await journal.FindPendingAsync("a", default));
        disk.Hold = null;
        hold.Set();
        await write;
        Assert.NotNull(await journal.FindPendingAsync("a", default));
    }

    [Fact]
    public async Task A_failed_flush_leaves_the_outcome_unknown_and_the_journal_takes_nothing_more()
    {
        using var folder = new TemporaryFolder();
        var disk = new ScriptedDisk();
        var journal = await Rig.OpenAsync(folder, disk);
        await journal.SetAsync("a", "1");
        disk.FlushFails = true;
        Assert.Equal(JournalFailure.OutcomeUnknown, (await Assert.ThrowsAsync<JournalException>(() => journal.SetAsync("a", "2").AsTask())).Failure);
        disk.FlushFails = false;
        Assert.Equal(JournalFailure.Refused, (await Assert.ThrowsAsync<JournalException>(() => journal.SetAsync("a", "3").AsTask())).Failure);
        Assert.Equal(["a=1"], journal.Pending());
        await journal.DisposeAsync();
        journal = await Rig.OpenAsync(folder);
        Assert.Equal("a=1", journal.Pending()[0]);
        await journal.SetAsync("a", "4");
        Assert.Equal("a=4", journal.Pending()[^1]);
        await journal.DisposeAsync();
    }

    [Fact]
    public async Task What_is_not_flushed_is_there_after_many_files()
    {
        using var folder = new TemporaryFolder();
        var written = await Opening.FillAsync(folder, segments: 5);
        var journal = await Rig.OpenAsync(folder);
        Assert.Equal(written, journal.Pending());
        await journal.DisposeAsync();
    }

    [Fact]
    public async Task Files_go_when_all_in_them_is_flushed_and_not_before()
    {
        using var folder = new TemporaryFolder();
        await Opening.FillAsync(folder, segments: 4);
        await using var journal = await Rig.OpenAsync(folder);
        var lead = (await journal.TryLeadAsync(default))!;
        var all = journal.Memory.Read(0, int.MaxValue);
        await lead.AcknowledgeAsync(1, default);
        Assert.Equal(5, folder.Segments.Length);
        await lead.AcknowledgeAsync(all[^1].Position, default);
        Assert.Single(folder.Segments);
    }

    [Fact]
    public async Task Dead_letters_outlive_the_files_they_were_written_to()
    {
        using var folder = new TemporaryFolder();
        await Opening.FillAsync(folder, segments: 3);
        var journal = await Rig.OpenAsync(folder);
        var lead = (await journal.TryLeadAsync(default))!;
        var all = journal.Memory.Read(0, int.MaxValue);
        await lead.BuryAsync([all[0]], "no", default);
        await lead.AcknowledgeAsync(all[^1].Position, default);
        for (var restarts = 0; restarts < 3; restarts++)
        {
            await journal.DisposeAsync();
            journal = await Rig.OpenAsync(folder);
        }

        Assert.Single(folder.Segments);
        var letter = Assert.Single(await journal.ReadDeadLettersAsync(0, 10, default));
        Assert.Equal(all[0].Position, letter.Record.Position);
        Assert.Equal(new string('v', 10_000), Encoding.UTF8.GetString(letter.Record.Value.Span));
        Assert.NotNull(await journal.FindPendingAsync(all[0].Key, default));
        await journal.DisposeAsync();
    }

    [Fact]
    public async Task A_value_larger_than_a_file_gets_a_file_of_its_size()
    {
        using var folder = new TemporaryFolder();
        var journal = await Rig.OpenAsync(folder);
        await journal.SetAsync("big", new string('b', 300_000));
        await journal.SetAsync("small", "1");
        await journal.AbandonAsync();
        journal = await Rig.OpenAsync(folder);
        Assert.Equal([300_004, 7], journal.Pending().Select(record => record.Length));
        await journal.DisposeAsync();
    }

    [Fact]
    public async Task A_closed_journal_refuses()
    {
        using var folder = new TemporaryFolder();
        var journal = await Rig.OpenAsync(folder);
        await journal.DisposeAsync();
        Assert.Equal(JournalFailure.Refused, (await Assert.ThrowsAsync<JournalException>(() => journal.SetAsync("a", "1").AsTask())).Failure);
    }
}
