using System.Buffers;
using Millpond.Shared;
using Millpond.Tests.Rig;
using Xunit;

namespace Millpond.Tests.Shared;

public sealed class RecordFormatting
{
    [Fact]
    public void Reads_back_what_it_wrote()
    {
        for (int seed = 0; seed < 2_000; seed++)
        {
            RecordImage written = RandomRecords.Draw(new Random(seed));
            Assert.True(RecordFormat.TryDecode(Encoded(written), null, out RecordImage read), $"seed {seed}");
            RecordImages.Equal(written, read, seed);
        }
    }

    [Fact]
    public void Reads_no_record_that_was_cut_short_or_runs_on()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            byte[] whole = Encoded(RandomRecords.Draw(new Random(seed)));
            for (int length = 0; length < whole.Length; length++)
            {
                // What is cut down to its guard would be a record if its flags did not say that a value follows.
                Assert.False(RecordFormat.TryDecode(whole.AsMemory(0, length), null, out _), $"seed {seed}, {length} of {whole.Length} bytes");
            }

            Assert.False(RecordFormat.TryDecode((byte[])[.. whole, 0], null, out _), $"seed {seed}, one byte more");
        }
    }

    [Fact]
    public void Never_throws_and_never_allocates_beyond_proportion_whatever_it_is_given()
    {
        var random = new Random(17);
        RecordFormat.TryDecode(Encoded(RandomRecords.Draw(random)), null, out _);
        for (int run = 0; run < 20_000; run++)
        {
            byte[] bytes = Hostile(random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            RecordFormat.TryDecode(bytes, null, out _);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated > Most(bytes))
            {
                allocated = Allocation.LeastOf(() => RecordFormat.TryDecode(bytes, null, out _));
            }

            Assert.True(allocated <= Most(bytes), $"{allocated} bytes for {bytes.Length}, run {run}");
        }

        // One object, and for each byte at most an empty scope's slot of 8 or a character of 2 under a string's header.
        static long Most(byte[] bytes) => 512 + (34L * bytes.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(255)]
    public void Treats_another_version_as_unreadable(byte version)
    {
        byte[] bytes = Encoded(RandomRecords.Draw(new Random(1)));
        bytes[0] = version;
        Assert.False(RecordFormat.TryDecode(bytes, null, out _));
    }

    [Fact]
    public void Treats_unknown_flags_and_flags_without_their_value_as_unreadable()
    {
        byte[] lease = Encoded(new RecordImage(new Nonce(1, 2), LeasePurpose.Load, new Incarnation(3, 4), null));
        Assert.True(RecordFormat.TryDecode(lease, null, out _));
        foreach (byte flags in (byte[])[1, 2, 4, 16, 32, 64, 128])
        {
            lease[1] = flags;
            Assert.False(RecordFormat.TryDecode(lease, null, out _), $"flags {flags}");
        }
    }

    [Fact]
    public void Refuses_to_write_what_it_would_not_read()
    {
        Assert.ThrowsAny<ArgumentException>(() => Encoded(RandomRecords.WithScopes([.. Enumerable.Repeat("#a", RecordFormat.ScopesMax + 1)])));
        Assert.ThrowsAny<ArgumentException>(() => Encoded(RandomRecords.WithScopes([new string('a', RecordFormat.ScopeBytesMax + 1)])));
        Assert.ThrowsAny<ArgumentException>(() => Encoded(RandomRecords.WithScopes(["#\ud800"])));
    }

    [Fact]
    public void Lets_an_engine_set_stamp_and_nonce_in_place()
    {
        byte[] bytes = Encoded(RandomRecords.WithScopes(["#a"]));
        RecordFormat.Restamp(bytes, 42, new Incarnation(5, 6));
        RecordFormat.MarkFilledUnder(bytes, new Nonce(7, 8));
        Assert.True(RecordFormat.TryDecode(bytes, null, out RecordImage read));
        Assert.Equal((42, new Incarnation(5, 6), new Nonce(7, 8)), (read.Value!.Stamp, read.Value.Incarnation, read.Value.FilledUnder));
    }

    private static byte[] Hostile(Random random)
    {
        byte[] bytes;
        if (random.Next(3) == 0)
        {
            bytes = new byte[random.Next(400)];
            random.NextBytes(bytes);
            if (bytes.Length > 1)
                (bytes[0], bytes[1]) = (1, (byte)random.Next(32));
            return bytes;
        }

        bytes = Encoded(RandomRecords.Draw(random));
        for (int flips = random.Next(1, 6); flips > 0; flips--)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    private static byte[] Encoded(RecordImage image)
    {
        var output = new ArrayBufferWriter<byte>();
        RecordFormat.Encode(image, output);
        return output.WrittenSpan.ToArray();
    }
}
