using Millpond.FileJournal.Format;
using Millpond.Runtime;

namespace Millpond.FileJournal.Segments;

/// <summary>Reads a journal's folder back, once, when it is opened. It changes nothing before all of it has been read and found whole.</summary>
internal sealed class Recovery(SegmentNames names, Disk disk, Surroundings surroundings)
{
    /// <summary>What the files add up to, and the segments that are there with the last position before the end of each.</summary>
    public (JournalState State, List<(long Number, long Last)> Segments) Read(string keyspace)
    {
        var state = new JournalState();
        var segments = new List<(long, long)>();
        var numbers = names.All();
        (string Path, int End)? cut = null;
        foreach (var number in numbers)
        {
            var path = names.Of(number);
            var bytes = File.ReadAllBytes(path);
            var isLast = number == numbers[^1];
            var (entries, end) = SegmentReader.Read(bytes, number, isLast, path);
            if (entries is not [Checkpoint, ..])
            {
                throw JournalDamage.NoBeginning(path);
            }

            foreach (var entry in entries)
            {
                state.Apply(entry);
            }

            segments.Add((number, state.Backlog.Last));
            cut = isLast && end < bytes.Length ? (path, end) : null;
        }

        if (state.Missing is { } missing)
        {
            throw JournalDamage.Missing(names.Folder, missing.From, missing.Through);
        }

        if (state.Keyspace is { } other && other != keyspace)
        {
            throw JournalDamage.OfAnother(names.Folder, other, keyspace);
        }

        if (cut is { } tail)
        {
            Cut(tail.Path, tail.End);
        }

        state.Keyspace = keyspace;
        state.Identity ??= NewIdentity();
        return (state, segments);
    }

    private void Cut(string path, int end)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        RandomAccess.SetLength(file, end);
        disk.Flush(file);
    }

    private string NewIdentity() => surroundings.NextNonce().ToString();
}
