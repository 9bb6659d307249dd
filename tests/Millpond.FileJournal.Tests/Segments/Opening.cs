using Millpond.Journals;

namespace Millpond.FileJournal.Tests.Segments;

/// <summary>What a folder may look like when a journal is opened.</summary>
public sealed class Opening
{
    [Fact]
    public async Task A_folder_that_is_open_is_refused_to_others()
    {
        using var folder = new TemporaryFolder();
        var journal = await Rig.OpenAsync(folder);
        Assert.Contains("open in another process", (await Rig.CannotOpenAsync(folder)).Message, StringComparison.Ordinal);
        await journal.SetAsync("a", "1");
        await journal.DisposeAsync();
        await (await Rig.OpenAsync(folder)).DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_is_gone_is_missed_if_it_was_not_flushed()
    {
        using var folder = new TemporaryFolder();
        await FillAsync(folder, segments: 4);
        File.Delete(folder.Segments[1]);
        Assert.Contains("a file of it is gone", (await Rig.CannotOpenAsync(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_file_is_missed_too()
    {
        using var folder = new TemporaryFolder();
        await FillAsync(folder, segments: 4);
        File.Delete(folder.Segments[0]);
        Assert.Contains("lacks its records 1 to", (await Rig.CannotOpenAsync(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_comes_back_after_it_was_deleted_says_nothing_new()
    {
        using var folder = new TemporaryFolder();
        await FillAsync(folder, segments: 3);
        var first = folder.Segments[0];
        var bytes = await File.ReadAllBytesAsync(first, TestContext.Current.CancellationToken);
        var journal = await Rig.OpenAsync(folder);
        var last = await journal.SetAsync("z", "26");
        var lead = (await journal.TryLeadAsync(default))!;
        await lead.AcknowledgeAsync(last, default);
        await journal.DisposeAsync();
        Assert.False(File.Exists(first));
        await File.WriteAllBytesAsync(first, bytes, TestContext.Current.CancellationToken);
        journal = await Rig.OpenAsync(folder);
        Assert.Empty(journal.Pending());
        Assert.Equal(last + 1, await journal.SetAsync("z", "27"));
        await journal.DisposeAsync();
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_says_so()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(path, "", TestContext.Current.CancellationToken);
        var journal = new FileJournal(new FileJournalOptions { Folder = path }, Runtime.Surroundings.Real);
        var fault = await Assert.ThrowsAsync<JournalException>(() => journal.OpenAsync("x", default).AsTask());
        Assert.Equal(ErrorCode.JournalUnfit, fault.Code);
    }

    internal static async Task<string[]> FillAsync(TemporaryFolder folder, int segments, TrailOptions? trail = null)
    {
        var journal = await Rig.OpenAsync(folder, trail: trail);
        for (var i = 0; folder.Segments.Length < segments; i++)
        {
            await journal.SetAsync($"k{i}", new string('v', 10_000));
        }

        var pending = journal.Pending();
        await journal.DisposeAsync();
        return pending;
    }
}
