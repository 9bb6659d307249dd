using System.Buffers.Binary;
using System.Security.Cryptography;
using Millpond.WarmingUp;

namespace Millpond.Tests.WarmingUp;

/// <summary>The file in which keys outlive the process: what was written is read, and what was not is refused with a reason.</summary>
public sealed class FilesOfKeys : IDisposable
{
    private readonly Folder _folder = new();

    private KeyFile File => new(_folder["thing.keys"], "millpond:thing");

    [Fact]
    public void What_was_written_is_read_and_the_next_takes_its_place()
    {
        Assert.Null(File.Read());
        Write(["a"], ["b", "ключ", new string('x', 60_000)]);
        var bytes = Write(["7"], ["8", "9"]);

        var read = File.Read()!;
        Assert.Equal(["7"], read.MostRead);
        Assert.Equal(["8", "9"], read.Held);
        Assert.Equal(["thing.keys"], _folder.Files);
        Assert.Equal(bytes, new FileInfo(File.Path).Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File.Path));
        }
    }

    [Fact]
    public void Texts_of_any_length_and_script_come_back()
    {
        string[] texts = ["a", "ключ", new string('x', 60_000), "tenant:1", "%3A"];
        Write([], texts);
        Assert.Equal(texts, File.Read()!.Held);
    }

    [Fact]
    public void A_file_torn_anywhere_is_refused()
    {
        Write(["1"], ["2", "3"]);
        var whole = System.IO.File.ReadAllBytes(File.Path);
        for (var length = 0; length < whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File.Path, whole[..length]);
            Assert.Contains("torn", Refused(), StringComparison.Ordinal);
        }

        System.IO.File.WriteAllBytes(File.Path, [.. whole, 0]);
        Assert.Contains($"says that it has {whole.Length} bytes, and has {whole.Length + 1}", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_which_any_bit_is_another_is_refused()
    {
        Write(["1"], ["2", "3"]);
        var whole = System.IO.File.ReadAllBytes(File.Path);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            System.IO.File.WriteAllBytes(File.Path, damaged);
            Assert.NotEmpty(Refused());
        }
    }

    [Fact]
    public void Another_keyspaces_file_is_refused_and_so_is_what_is_no_file_of_keys()
    {
        Write([], ["1"]);
        var other = Assert.Throws<KeyFileException>(() => new KeyFile(File.Path, "millpond:other").Read());
        Assert.Contains("keyspace 'millpond:thing', and not of 'millpond:other'", other.Message, StringComparison.Ordinal);
        System.IO.File.WriteAllText(File.Path, "id,name\n" + string.Concat(Enumerable.Repeat("1,2\n", 100)));
        Assert.Contains("is no file of keys", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(5)]
    public void A_count_that_cannot_be_is_refused_and_nothing_is_allocated_for_it(int count)
    {
        // Whole and with the right sum, as whoever means harm would make it.
        Write(["1"], ["2"]);
        var bytes = System.IO.File.ReadAllBytes(File.Path);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16 + 8 + 1 + "millpond:thing".Length), count);
        SHA256.HashData(bytes.AsSpan(..^32), bytes.AsSpan(^32..));
        System.IO.File.WriteAllBytes(File.Path, bytes);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("not what a file of keys looks like", Refused(), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_file_longer_than_any_is_not_read()
    {
        using (var file = System.IO.File.Create(File.Path))
        {
            file.SetLength(KeyFile.BytesMax + 1L);
        }

        Assert.Contains("more than the", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_written_leaves_what_was_there()
    {
        Write([], ["1"]);
        Directory.CreateDirectory(File.Path + ".writing");
        Assert.ThrowsAny<Exception>(() => Write([], ["2"]));
        Assert.Equal(["1"], File.Read()!.Held);
    }

    [Fact]
    public void What_a_process_that_died_in_the_middle_left_is_written_over()
    {
        System.IO.File.WriteAllText(File.Path + ".writing", new string('x', 5_000));
        Write([], ["1"]);
        Assert.Equal(["1"], File.Read()!.Held);
        Assert.Equal(["thing.keys"], _folder.Files);
    }

    public void Dispose() => _folder.Dispose();

    private long Write(string[] mostRead, string[] held) => File.Write(new(mostRead, held));

    private string Refused() => Assert.Throws<KeyFileException>(() => File.Read()).Message;
}
