using Millpond.Journals;

namespace Millpond.FileJournal.Tests.Format;

/// <summary>A file cut off at every byte, and with every bit flipped.</summary>
public sealed class Damage
{
    [Fact]
    public async Task A_file_cut_off_anywhere_gives_back_exactly_the_commits_that_are_whole()
    {
        using var folder = new TemporaryFolder();
        var (path, ends) = await ThreeCommitsAsync(folder);
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        for (var length = ends[0]; length <= whole.Length; length++)
        {
            Restore(folder, path, whole.AsSpan(0, length));
            var journal = await Rig.OpenAsync(folder);
            Assert.Equal(new[] { "a=1", "b=2", "c=3" }.Take(ends.Count(end => end <= length) - 1), journal.Pending());
            await journal.AbandonAsync();
        }
    }

    [Fact]
    public async Task A_commit_of_which_the_disk_wrote_some_sectors_is_cut_off()
    {
        using var folder = new TemporaryFolder();
        var journal = await Rig.OpenAsync(folder);
        await journal.SetAsync("a", "1");
        var before = (int)Used(folder.Segments[^1]);
        await journal.SetAsync("b", new string('x', 4000));
        await journal.AbandonAsync();
        var path = folder.Segments[^1];
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        for (var sector = (before / 512) + 1; sector < (before + 4000) / 512; sector++)
        {
            var torn = whole.ToArray();
            torn.AsSpan(sector * 512, 512).Clear();
            Restore(folder, path, torn);
            journal = await Rig.OpenAsync(folder);
            Assert.Equal(["a=1"], journal.Pending());
            await journal.AbandonAsync();
        }
    }

    [Fact]
    public async Task No_flipped_bit_goes_unnoticed()
    {
        using var folder = new TemporaryFolder();
        var (path, ends) = await ThreeCommitsAsync(folder);
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        for (var bit = 0; bit < ends[^1] * 8; bit++)
        {
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Restore(folder, path, flipped);
            var fault = await Rig.CannotOpenAsync(folder);
            Assert.Contains("damaged", fault.Message, StringComparison.Ordinal);
            Assert.Equal(flipped, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Random_bytes_are_refused_or_cut_off_and_never_read()
    {
        var chance = new Random(20261121);
        using var folder = new TemporaryFolder();
        var (path, ends) = await ThreeCommitsAsync(folder);
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        for (var run = 0; run < 500; run++)
        {
            var bytes = whole.ToArray();
            var from = chance.Next(ends[^1]);
            chance.NextBytes(bytes.AsSpan(from, chance.Next(1, bytes.Length - from)));
            Restore(folder, path, bytes);
            FileJournal? journal = null;
            try
            {
                journal = await Rig.OpenAsync(folder);
                Assert.Equal(new[] { "a=1", "b=2", "c=3" }.Take(ends.Count(end => end <= from) - 1), journal.Pending());
            }
            catch (JournalException fault)
            {
                Assert.Equal(JournalFailure.Unfit, fault.Failure);
            }
            finally
            {
                await (journal?.AbandonAsync() ?? Task.CompletedTask);
            }
        }
    }

    /// <summary>A journal of three commits after its beginning, with where each ends, the beginning included.</summary>
    private static async Task<(string Path, int[] Ends)> ThreeCommitsAsync(TemporaryFolder folder)
    {
        var journal = await Rig.OpenAsync(folder);
        var path = folder.Segments.Single();
        var ends = new List<int> { (int)Used(path) };
        foreach (var (key, value) in new[] { ("a", "1"), ("b", "2"), ("c", "3") })
        {
            await journal.SetAsync(key, value);
            ends.Add((int)Used(path));
        }

        await journal.AbandonAsync();
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.SetLength(file, ends[^1]);
        }

        return (path, [.. ends]);
    }

    private static long Used(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
    }

    private static void Restore(TemporaryFolder folder, string path, ReadOnlySpan<byte> bytes)
    {
        foreach (var segment in folder.Segments)
        {
            File.Delete(segment);
        }

        File.WriteAllBytes(path, bytes);
    }
}
