using System.Text;
using Millpond.FileJournal.Segments;
using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.FileJournal.Tests;

/// <summary>Opens, writes and reads a journal in a few words.</summary>
internal static class Rig
{
    public const string Keyspace = "test";

    public static async Task<FileJournal> OpenAsync(TemporaryFolder folder, Disk? disk = null, TrailOptions? trail = null, TimeProvider? time = null)
    {
        var journal = new FileJournal(new FileJournalOptions { Folder = folder.Path, SegmentBytes = 64 << 10, Trail = trail }, time is null ? Surroundings.Real : new Surroundings(time), disk);
        await journal.OpenAsync(Keyspace, default);
        return journal;
    }

    public static ValueTask<long> SetAsync(this FileJournal journal, string key, string value) => journal.AppendAsync([new(JournalKind.Set, key, Encoding.UTF8.GetBytes(value))], default);

    /// <summary>What is not flushed, as <c>key=value</c>.</summary>
    public static string[] Pending(this FileJournal journal) => [.. journal.Memory.Read(0, int.MaxValue).Select(record => $"{record.Key}={Encoding.UTF8.GetString(record.Value.Span)}")];

    public static async Task<JournalException> CannotOpenAsync(TemporaryFolder folder)
    {
        var fault = await Assert.ThrowsAsync<JournalException>(() => OpenAsync(folder));
        Assert.Equal(JournalFailure.Unfit, fault.Failure);
        return fault;
    }
}
