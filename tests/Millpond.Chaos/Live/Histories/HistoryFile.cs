using System.IO.MemoryMappedFiles;

namespace Millpond.Chaos.Live.Histories;

/// <summary>
/// A process's history in a mapped file: what was written stays written whatever ends the process, and writing costs no call to the system.
/// </summary>
internal sealed class HistoryFile : IDisposable
{
    private const int EntriesMax = 4_000_000;

    // Places taken by threads that died before they wrote; more of them in a row is the end.
    private const int HoleMax = 1_000;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly int _process;
    private int _count;

    /// <summary>Opens a new one for a process.</summary>
    public HistoryFile(string path, int process)
    {
        _process = process;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.CreateNew, null, (long)EntriesMax * Entry.Size);
        _view = _file.CreateViewAccessor();
    }

    public void Write(in Entry entry)
    {
        var place = Interlocked.Increment(ref _count) - 1;
        if (place >= EntriesMax)
        {
            throw new InvalidOperationException("The history is full; let the campaign run for less.");
        }

        var (at, unwritten) = ((long)place * Entry.Size, entry with { Process = _process, What = What.Nothing });
        _view.Write(at, ref unwritten);
        Thread.MemoryBarrier();
        _view.Write(at + Entry.WhatOffset, (int)entry.What);
    }

    /// <summary>What a process left.</summary>
    public static IEnumerable<Entry> Read(string path)
    {
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        var hole = 0;
        for (var place = 0; place < EntriesMax && hole < HoleMax; place++)
        {
            view.Read<Entry>((long)place * Entry.Size, out var entry);
            hole = entry.What == What.Nothing ? hole + 1 : 0;
            if (hole == 0)
            {
                yield return entry;
            }
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
