using Microsoft.Win32.SafeHandles;
using Millpond.FileJournal.Segments;

namespace Millpond.FileJournal.Tests;

/// <summary>The disk that there is, failing and waiting when it is told to.</summary>
internal sealed class ScriptedDisk : Disk
{
    private const int NoSpace = 28;

    private int _flushes;

    public bool IsFull { get; set; }

    /// <summary>Asked before each preparation whether it is full.</summary>
    public Func<bool>? FullWhen { get; set; }

    public bool FlushFails { get; set; }

    /// <summary>Waited for by every flush, and counted before; null waits for nothing.</summary>
    public ManualResetEventSlim? Hold { get; set; }

    public int Flushes => Volatile.Read(ref _flushes);

    public override void Prepare(SafeFileHandle file, ReadOnlySpan<byte> zeros, long offset)
    {
        if (IsFull || FullWhen?.Invoke() == true)
        {
            throw new IOException("No space left on device", NoSpace);
        }

        base.Prepare(file, zeros, offset);
    }

    public override void Flush(SafeFileHandle file)
    {
        Interlocked.Increment(ref _flushes);
        Hold?.Wait();
        if (FlushFails)
        {
            throw new IOException("Input/output error");
        }

        base.Flush(file);
    }
}
