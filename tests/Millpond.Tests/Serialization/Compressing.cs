using System.Buffers.Binary;
using System.IO.Compression;
using Millpond.Serialization;
using Xunit;

namespace Millpond.Tests.Serialization;

public class Compressing
{
    private const int Limit = 100_000;

    private static readonly KeyspaceCodec<string> Codec = new("page", StringCodec.Instance, Limit, compressAbove: 100);

    [Fact]
    public void Long_values_become_shorter_and_come_back()
    {
        var text = string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i % 7};"));
        using var payload = Codec.Encode(text);

        Assert.InRange(payload.Length, 1, text.Length / 5);
        Assert.Equal(text, Codec.Decode(payload.Memory));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public void Short_values_stay_as_they_are(int length)
    {
        using var payload = Codec.Encode(new string('x', length));

        Assert.Equal(length + 1, payload.Length);
        Assert.Equal(new string('x', length), Codec.Decode(payload.Memory));
    }

    [Fact]
    public void Values_that_do_not_become_shorter_stay_as_they_are_up_to_the_limit()
    {
        var noise = new byte[Limit];
        new Random(5).NextBytes(noise);
        var codec = new KeyspaceCodec<byte[]>("noise", BytesCodec.Instance, Limit, compressAbove: 0);
        using var payload = codec.Encode(noise);

        Assert.Equal(Limit + 1, payload.Length);
        Assert.Equal(noise, codec.Decode(payload.Memory));
    }

    [Fact]
    public void The_limit_is_of_the_value_before_compression()
    {
        using var payload = Codec.Encode(new string('x', Limit));

        Assert.InRange(payload.Length, 1, 1000);
        Assert.Equal(Limit, Codec.Decode(payload.Memory).Length);
        Assert.Equal(ErrorCode.ValueSize, Assert.Throws<MillpondException>(() => Codec.Encode(new string('x', Limit + 1))).Code);
    }

    [Fact]
    public void Compressed_and_plain_payloads_are_never_taken_for_each_other() =>
        Assert.NotEqual(new KeyspaceCodec<string>("page", StringCodec.Instance, Limit).Id, Codec.Id);

    [Theory]
    [InlineData(100_000_000)]
    [InlineData(Limit + 1)]
    [InlineData(Limit)]
    [InlineData(10)]
    public void A_bomb_fails_whatever_it_says_of_itself_and_takes_no_more_than_the_limit(int stated)
    {
        var bomb = Framed(stated, new byte[50_000_000]);
        Refused(Framed(20, new byte[30])); // The first refusal allocates for the runtime. The bomb comes once: an array it got would be pooled.

        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ValueCodecException>(() => Codec.Decode(bomb));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * Limit);
        Assert.Equal("page", error.Keyspace);
    }

    [Fact]
    public void Broken_frames_are_refused()
    {
        var good = Framed(1000, new byte[1000]);

        Assert.Equal(new string('\0', 1000), Codec.Decode(good));
        Refused([]);
        Refused([2, 1, 2, 3]);
        Refused([1, 0, 0]);
        Refused([1, 5, 0, 0, 0]);
        Refused(good[..^1]);
        Refused([.. good, 0]);
        Refused(Framed(999, new byte[1000]));
        Refused(Framed(1001, new byte[1000]));
        Refused(Framed(-1, new byte[1000]));
        Refused(Framed(Limit + 1, new byte[Limit + 1]));
    }

    private static void Refused(byte[] payload) => Assert.Throws<ValueCodecException>(() => Codec.Decode(payload));

    private static byte[] Framed(int stated, byte[] plain)
    {
        var target = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        Assert.True(BrotliEncoder.TryCompress(plain, target, out var written, 1, 22));
        var frame = new byte[5 + written];
        frame[0] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(1), stated);
        target.AsSpan(0, written).CopyTo(frame.AsSpan(5));
        return frame;
    }
}
