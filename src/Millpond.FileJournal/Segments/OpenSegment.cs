using Microsoft.Win32.SafeHandles;

namespace Millpond.FileJournal.Segments;

/// <summary>The segment that is written. Used by one committer at a time.</summary>
internal sealed class OpenSegment(long number, SafeFileHandle file, long bytes, Disk disk) : IDisposable
{
    private long _bytes = bytes;
    // Read by who reads the trail.
    private long _used;

    public long Number => number;

    /// <summary>How much of it is on the disk.</summary>
    public long Used => Volatile.Read(ref _used);

    public bool HasRoomFor(long extent) => _used + extent <= _bytes;

    /// <summary>Writes a frame and returns when it is on the disk.</summary>
    public void Commit(ReadOnlySpan<byte> frame)
    {
        disk.Write(file, frame, _used);
        disk.Flush(file);
        Volatile.Write(ref _used, _used + frame.Length);
    }

    /// <summary>Cuts off what was prepared and not used, so that whoever reads it knows that it is whole. Nothing more fits afterwards.</summary>
    public void Seal()
    {
        _bytes = _used;
        RandomAccess.SetLength(file, _used);
        disk.Flush(file);
    }

    public void Dispose() => file.Dispose();
}
