using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Millpond.WarmingUp;

/// <summary>The keys that one run of a keyspace leaves behind for the next one, as text.</summary>
/// <param name="MostRead">Those that were read most, most read first.</param>
/// <param name="Held">Those that the local tier held, most used first.</param>
internal sealed record KeysOfRun(IReadOnlyList<string> MostRead, IReadOnlyList<string> Held)
{
    public bool IsEmpty => MostRead.Count == 0 && Held.Count == 0;
}

/// <summary>That a file of keys is not what it should be. Its message says what is wrong with it.</summary>
internal sealed class KeyFileException(string message) : IOException(message);

/// <summary>
/// The file in which a keyspace's keys outlive the process. It is there whole or not at all, and whoever reads it takes nothing on trust: a mark, the file's length, the keyspace's name, and a checksum of everything.
/// </summary>
/// <remarks>
/// In order: the mark; the length of the whole in 8 bytes; the name; two lists, each its count and then its texts, every text in UTF-8 with its length in front; the SHA-256 of all of that. Numbers are little-endian. Only keys:
/// a value would have to be proven when it is read back, which is asking the shared tier, and that brings the value too.
/// Written beside its place, flushed to the disk, and renamed. Blocking, because it is some hundred kilobytes, twice in a process's life.
/// </remarks>
internal sealed class KeyFile(string path, string keyspace)
{
    /// <summary>A million keys of 64 bytes. Nobody's file is longer, so a longer one is not read into memory.</summary>
    public const int BytesMax = 64 << 20;

    private static readonly byte[] Mark = "MILLPOND KEYS 1\n"u8.ToArray();
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static int LengthAt => Mark.Length;

    private static int BodyAt => Mark.Length + sizeof(long);

    public string Path => path;

    /// <summary>What the last run left behind; nothing if there was none.</summary>
    /// <exception cref="IOException">It cannot be read; a <see cref="KeyFileException"/> if it is torn, somebody else's, or no file of keys.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public KeysOfRun? Read()
    {
        if (!File.Exists(path))
        {
            return null;
        }

        if (new FileInfo(path).Length is > BytesMax and var length)
        {
            throw new KeyFileException($"'{path}' has {length} bytes, more than the {BytesMax} of any file of keys.");
        }

        var bytes = File.ReadAllBytes(path);
        if (!bytes.AsSpan().StartsWith(Mark) || bytes.Length < BodyAt + SHA256.HashSizeInBytes)
        {
            throw new KeyFileException($"'{path}' is no file of keys, or of another version of Millpond, or torn: it has {bytes.Length} bytes and does not begin as one.");
        }

        if (BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(LengthAt)) is var said && said != bytes.Length)
        {
            throw new KeyFileException($"'{path}' is torn: it says that it has {said} bytes, and has {bytes.Length}.");
        }

        if (!SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(^SHA256.HashSizeInBytes..)))
        {
            throw new KeyFileException($"'{path}' is damaged: its checksum is another one.");
        }

        return Parse(bytes);
    }

    /// <summary>Puts keys in the place of those of the run before; those beyond <see cref="BytesMax"/> are left out.</summary>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="IOException">It cannot be written; the one before is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public long Write(KeysOfRun keys)
    {
        var bytes = Compose(keys);
        if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var beside = path + ".writing";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            // Keys may be personal data.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(beside, options))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
        return bytes.Length;
    }

    private KeysOfRun Parse(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, BodyAt, bytes.Length - BodyAt - SHA256.HashSizeInBytes), Strict);
            var name = reader.ReadString();
            return name == keyspace ? new KeysOfRun(ReadTexts(reader), ReadTexts(reader)) : throw new KeyFileException($"'{path}' has the keys of keyspace '{name}', and not of '{keyspace}'.");
        }
        catch (Exception failure) when (failure is EndOfStreamException or FormatException or DecoderFallbackException)
        {
            throw new KeyFileException($"'{path}' is whole, but not what a file of keys looks like: {failure.Message}");
        }
    }

    private byte[] Compose(KeysOfRun keys)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Strict);
        writer.Write(Mark);
        writer.Write(0L);
        writer.Write(keyspace);
        WriteTexts(writer, keys.MostRead);
        WriteTexts(writer, keys.Held);
        var bytes = new byte[stream.Length + SHA256.HashSizeInBytes];
        stream.GetBuffer().AsSpan(0, (int)stream.Length).CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(LengthAt), bytes.Length);
        SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes), bytes.AsSpan(^SHA256.HashSizeInBytes..));
        return bytes;
    }

    private static string[] ReadTexts(BinaryReader reader)
    {
        // A text takes a byte at least, so a count beyond what is left is a lie that must not be allocated for.
        var count = reader.ReadInt32();
        if (count < 0 || count > reader.BaseStream.Length - reader.BaseStream.Position)
        {
            throw new FormatException($"a list of {count} texts does not fit.");
        }

        var texts = new string[count];
        for (var n = 0; n < count; n++)
        {
            texts[n] = reader.ReadString();
        }

        return texts;
    }

    private static void WriteTexts(BinaryWriter writer, IReadOnlyList<string> texts)
    {
        var countAt = writer.BaseStream.Position;
        var count = 0;
        writer.Write(0);
        while (count < texts.Count && writer.BaseStream.Position < BytesMax / 2)
        {
            writer.Write(texts[count++]);
        }

        writer.BaseStream.Position = countAt;
        writer.Write(count);
        writer.BaseStream.Position = writer.BaseStream.Length;
    }
}
