using System.Globalization;

namespace Millpond.Sqlite;

/// <summary>
/// The lock on a file beside the database, which the system takes away from a process that ends, however it ends. In the file stands up to where was confirmed.
/// </summary>
internal sealed class Leadership : IDisposable
{
    private const int NumberLength = 20;

    private readonly FileStream _file;

    private Leadership(FileStream file)
    {
        _file = file;
        Span<byte> bytes = stackalloc byte[NumberLength];
        var length = RandomAccess.Read(file.SafeFileHandle, bytes, 0);
        Confirmed = long.TryParse(bytes[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var confirmed) ? confirmed : 0;
    }

    /// <summary>What the file said when the lock was taken, or was told since.</summary>
    public long Confirmed { get; private set; }

    /// <summary>Takes the lock; null if somebody has it.</summary>
    public static Leadership? TryTake(string path)
    {
        try
        {
            return new Leadership(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>Writes down what was confirmed: after the database was told, so that the file is never ahead of a database that is whole.</summary>
    public void Confirm(long confirmed)
    {
        Confirmed = confirmed;
        RandomAccess.Write(_file.SafeFileHandle, System.Text.Encoding.ASCII.GetBytes(confirmed.ToString(CultureInfo.InvariantCulture).PadLeft(NumberLength, '0')), 0);
    }

    /// <summary>Throws if the file was taken away, because then another instance may hold the lock on a new one.</summary>
    public void CheckIsHeld()
    {
        if (!File.Exists(_file.Name))
        {
            throw new IOException($"The lock file {_file.Name} was deleted, so this instance may not be the only one that follows any more.");
        }
    }

    public void Dispose() => _file.Dispose();
}
