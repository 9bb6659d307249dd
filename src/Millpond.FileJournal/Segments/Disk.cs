using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Millpond.FileJournal.Segments;

/// <summary>What the journal asks of the disk where it matters what was written when. Tests put failing ones in its place.</summary>
internal class Disk
{
    private const int ReadOnly = 0;

    /// <summary>The one that there is.</summary>
    public static Disk Real { get; } = new();

    /// <summary>Whether a failure says that there is no room: ENOSPC and EDQUOT, or what Windows says.</summary>
    public static bool HasNoRoom(IOException failure) => failure.HResult is 28 or 122 or unchecked((int)0x80070070) or unchecked((int)0x80070027);

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    /// <summary>Writes zeros to a file that is being prepared, and returns when they are on the disk.</summary>
    public virtual void Prepare(SafeFileHandle file, ReadOnlySpan<byte> zeros, long offset)
    {
        RandomAccess.Write(file, zeros, offset);
        FlushData(file);
    }

    /// <summary>Returns when what was written is on the disk. What a file's data does not need to be found again (its times) may come later.</summary>
    public virtual void Flush(SafeFileHandle file) => FlushData(file);

    /// <summary>Returns when a folder's new and changed names are on the disk. Windows has no such call and needs none.</summary>
    public virtual void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var folder = Native.Open(path, ReadOnly);
        if (folder < 0)
        {
            throw Failure("open of the folder");
        }

        try
        {
            if (Native.Flush(folder) != 0)
            {
                throw Failure("fsync of the folder");
            }
        }
        finally
        {
            _ = Native.Close(folder);
        }
    }

    private static void FlushData(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        var added = false;
        try
        {
            file.DangerousAddRef(ref added);
            if (Native.FlushData((int)file.DangerousGetHandle()) != 0)
            {
                throw Failure("fdatasync");
            }
        }
        finally
        {
            if (added)
            {
                file.DangerousRelease();
            }
        }
    }

    private static IOException Failure(string call) => new($"{call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    private static class Native
    {
        [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int FlushData(int file);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Flush(int file);

        [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Close(int file);
    }
}
