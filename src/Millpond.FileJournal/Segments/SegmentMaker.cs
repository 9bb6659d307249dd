using Microsoft.Win32.SafeHandles;
using Millpond.Runtime;

namespace Millpond.FileJournal.Segments;

/// <summary>
/// Makes segments, one ahead: a file of zeros that are on the disk before it is used. A commit then changes nothing but the data of blocks that are there (a fifth of the time, and steady), and a full disk is found out
/// before a write is taken, not in the middle of one.
/// </summary>
internal sealed class SegmentMaker(SegmentNames names, int bytes, Disk disk, Surroundings surroundings) : IDisposable
{
    // Written in parts, so that a commit of the segment in use does not wait behind all of it.
    private const int PartBytes = 1 << 20;

    private readonly object _gate = new();
    private Spare? _spare;
    private bool _isPreparing;

    /// <summary>Begins to prepare the next one, if nobody does.</summary>
    public void PrepareAside()
    {
        lock (_gate)
        {
            if (_isPreparing || _spare is not null)
            {
                return;
            }

            _isPreparing = true;
        }

        surroundings.RunAside(() =>
        {
            Spare? made = null;
            try
            {
                made = Make(bytes);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Whoever needs it tries again, and says so.
            }

            lock (_gate)
            {
                (_spare, _isPreparing) = (made, false);
                Monitor.PulseAll(_gate);
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>A segment for at least so many bytes, under its number; its folder knows it when this returns. Throws what the disk throws; then nothing has changed.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="first">Its first frame, on the disk before the segment has its name.</param>
    /// <param name="next">How many bytes the frame has that comes next.</param>
    public OpenSegment Next(long number, ReadOnlySpan<byte> first, long next)
    {
        var needed = first.Length + next;
        var spare = Take();
        if (spare is null || spare.Bytes < needed)
        {
            spare?.File.Dispose();
            spare = Make(Math.Max(bytes, needed));
        }

        var segment = new OpenSegment(number, spare.File, spare.Bytes, disk);
        try
        {
            segment.Commit(first);
            File.Move(names.Spare, names.Of(number), overwrite: false);
            disk.FlushFolder(names.Folder);
            return segment;
        }
        catch (Exception)
        {
            segment.Dispose();
            throw;
        }
    }

    public void Dispose() => Take()?.File.Dispose();

    /// <summary>What was prepared. One that is being written is waited for, on the spot: to make another would take longer, and nothing can be written before.</summary>
    private Spare? Take()
    {
        lock (_gate)
        {
            while (_isPreparing)
            {
                Monitor.Wait(_gate);
            }

            var spare = _spare;
            _spare = null;
            return spare;
        }
    }

    private Spare Make(long size)
    {
        var file = File.OpenHandle(names.Spare, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var zeros = new byte[(int)Math.Min(PartBytes, size)];
            for (long at = 0; at < size; at += zeros.Length)
            {
                disk.Prepare(file, zeros.AsSpan(0, (int)Math.Min(zeros.Length, size - at)), at);
            }

            return new Spare(file, size);
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }
    }

    private sealed record Spare(SafeFileHandle File, long Bytes);
}
