using System.Collections.Concurrent;
using Millpond.FileJournal.Format;
using Millpond.FileJournal.Segments;

namespace Millpond.FileJournal.Trails;

/// <summary>A file of a trail.</summary>
/// <param name="Number">The segment's number.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Bytes">How much of it may be read; none: all.</param>
internal sealed record TrailFile(long Number, string Path, long? Bytes)
{
    public List<Entry> Read()
    {
        using var file = Open();
        var bytes = new byte[Bytes ?? RandomAccess.GetLength(file)];
        RandomAccess.Read(file, bytes, 0);
        return SegmentReader.Read(bytes, Number, isLast: false, Path).Entries;
    }

    /// <summary>What it begins with.</summary>
    public Checkpoint ReadBeginning()
    {
        using var file = Open();
        var head = new byte[FrameHeader.Bytes];
        RandomAccess.Read(file, head, 0);
        if (!FrameHeader.TryRead(head, Number, out var header))
        {
            throw JournalDamage.NoBeginning(Path);
        }

        var frame = new byte[Math.Min(header.Extent, RandomAccess.GetLength(file))];
        RandomAccess.Read(file, frame, 0);
        return SegmentReader.Read(frame, Number, isLast: false, Path).Entries is [Checkpoint beginning, ..] ? beginning : throw JournalDamage.NoBeginning(Path);
    }

    // It may be renamed, or deleted, while it is read.
    private Microsoft.Win32.SafeHandles.SafeFileHandle Open() => File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}

/// <summary>The files of a journal that one replay can go through: kept ones and then those in use, without a gap.</summary>
internal sealed class TrailFiles(SegmentNames names)
{
    // Written once, with the segment; few bytes each.
    private readonly ConcurrentDictionary<long, (long At, long Last, long Acknowledged)> _beginnings = new();

    /// <summary>Those there are now, the oldest first.</summary>
    /// <param name="written">The segment that is written, and how much of it.</param>
    public IReadOnlyList<TrailFile> List((long Number, long Used) written)
    {
        var all = names.AllKept().Select(one => new TrailFile(one.Number, one.Path, null))
            .Concat(names.All().Where(number => number <= written.Number).Select(number => new TrailFile(number, names.Of(number), number == written.Number ? written.Used : null)))
            .OrderBy(file => file.Number).ToList();

        // Where the trail was off for a while files are missing; what is before them is past finding.
        var first = all.Count - 1;
        while (first > 0 && all[first - 1].Number == all[first].Number - 1)
        {
            first--;
        }

        return all[Math.Max(0, first)..];
    }

    /// <summary>Where the journal stood when a file was begun.</summary>
    public (long At, long Last, long Acknowledged) BeginningOf(TrailFile file) => _beginnings.GetOrAdd(file.Number, static (_, file) =>
    {
        var beginning = file.ReadBeginning();
        return (beginning.At, beginning.Last, beginning.Acknowledged);
    }, file);

    /// <summary>When the last record was settled that is in no file any more and that no file says is settled; null if there was none.</summary>
    public long? MissingUntil(IReadOnlyList<TrailFile> files)
    {
        var begins = BeginningOf(files[0]);
        if (begins.Last == 0)
        {
            return null;
        }

        if (begins.Acknowledged >= begins.Last)
        {
            return begins.At;
        }

        return files.SelectMany(file => file.Read()).Select(entry => entry switch
        {
            Acknowledged one when one.Through >= begins.Last => one.At,
            Checkpoint one when one.Acknowledged >= begins.Last => one.At,
            _ => (long?)null,
        }).FirstOrDefault(at => at is not null) ?? long.MaxValue;
    }
}
