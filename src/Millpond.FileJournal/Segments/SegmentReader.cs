using Millpond.FileJournal.Format;

namespace Millpond.FileJournal.Segments;

/// <summary>
/// Reads a segment back, and tells what a crash left behind from what was damaged later.
/// </summary>
/// <remarks>
/// <para>A commit begins only after the one before is on the disk. So if anything stands behind a frame that does not read, that frame was whole once, and acknowledged: damage. If nothing does, it may be the commit that a
/// crash cut off, which nobody was told of.</para>
/// <para>A last frame that does not read was acknowledged too if the disk had all of it: a disk writes whole sectors, and files are zero before they are written, so a commit cut off left a sector
/// of it zero, or the file ends within it. Where neither is so, it is damage as well. What cannot be told apart is a last frame with whole sectors of zeros in its own values; it is taken for cut off.</para>
/// </remarks>
internal static class SegmentReader
{
    private const int SectorBytes = 512;

    /// <summary>The entries of a segment, and where its last frame ends.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="number">The segment's number.</param>
    /// <param name="isLast">Whether a crash may have cut off what it ends with.</param>
    /// <param name="path">For the error.</param>
    public static (List<Entry> Entries, int End) Read(ReadOnlySpan<byte> bytes, long number, bool isLast, string path)
    {
        var entries = new List<Entry>();
        var at = 0;
        while (at < bytes.Length)
        {
            if (FrameHeader.TryRead(bytes[at..], number, out var header) && header.Extent <= bytes.Length - at
                && Checksum.Of(bytes.Slice(at + FrameHeader.Bytes, (int)header.BodyBytes)) == header.Checksum)
            {
                Decode(bytes.Slice(at + FrameHeader.Bytes, header.Length), entries, path, at);
                at += (int)header.Extent;
                continue;
            }

            if (!isLast)
            {
                throw JournalDamage.Found(path, at, "and later files of the journal exist, so it was whole once");
            }

            if (FindFrame(bytes, at + 8, number) is { } later)
            {
                throw JournalDamage.Found(path, at, $"and a later commit stands at byte {later}, so it was whole once");
            }

            if (!MayBeCutOff(bytes, at, number))
            {
                throw JournalDamage.Found(path, at, "although all of its sectors were written, so it was whole once");
            }

            break;
        }

        return (entries, at);
    }

    private static void Decode(ReadOnlySpan<byte> frame, List<Entry> entries, string path, int at)
    {
        try
        {
            entries.AddRange(EntryReader.ReadAll(frame));
        }
        catch (InvalidDataException unknown)
        {
            throw JournalDamage.Unreadable(path, at, unknown);
        }
    }

    private static int? FindFrame(ReadOnlySpan<byte> bytes, int from, long number)
    {
        for (var at = from; at <= bytes.Length - FrameHeader.Bytes; at += 8)
        {
            if (FrameHeader.TryRead(bytes[at..], number, out _))
            {
                return at;
            }
        }

        return null;
    }

    private static bool MayBeCutOff(ReadOnlySpan<byte> bytes, int at, long number)
    {
        var extent = FrameHeader.TryRead(bytes[at..], number, out var header) ? header.Extent : FrameHeader.Bytes;
        if (extent > bytes.Length - at)
        {
            return true;
        }

        for (var from = at; from < at + extent;)
        {
            var to = (int)Math.Min((from / SectorBytes * SectorBytes) + SectorBytes, at + extent);
            if (bytes[from..to].IndexOfAnyExcept((byte)0) < 0)
            {
                return true;
            }

            from = to;
        }

        return false;
    }
}
