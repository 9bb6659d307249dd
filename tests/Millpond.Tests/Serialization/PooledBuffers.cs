using System.Buffers;
using Millpond.Serialization;
using Xunit;

namespace Millpond.Tests.Serialization;

public class PooledBuffers
{
    [Fact]
    public void What_is_written_is_kept_while_it_grows()
    {
        using var buffer = new PooledBuffer(1 << 20);
        for (var i = 0; i < 10_000; i++)
        {
            buffer.Write(BitConverter.GetBytes(i));
        }

        Assert.Equal(40_000, buffer.Length);
        Assert.Equal(9_999, BitConverter.ToInt32(buffer.Memory.Span[^4..]));
        Assert.Equal(1, BitConverter.ToInt32(buffer.Span[4..]));
    }

    [Fact]
    public void The_limit_is_met_at_the_byte_and_named()
    {
        using var buffer = new PooledBuffer(1000, "product");
        buffer.Write(new byte[1000]);

        var error = Assert.Throws<MillpondException>(() => buffer.Write(new byte[1]));

        Assert.Equal(ErrorCode.ValueSize, error.Code);
        Assert.Equal("product", error.Keyspace);
        Assert.Contains("at least 1001 bytes, over its ValueBytesMax of 1000", error.Message, StringComparison.Ordinal);
        Assert.Equal(1000, buffer.Length);
    }

    [Fact]
    public void A_generous_hint_is_not_a_fault()
    {
        using var buffer = new PooledBuffer(10);

        Assert.True(buffer.GetSpan(5000).Length >= 5000);
        buffer.Advance(10);
        Assert.Throws<MillpondException>(() => buffer.Advance(1));
    }

    [Fact]
    public void A_value_over_the_limit_is_given_up_early()
    {
        var codec = new KeyspaceCodec<IEnumerable<int>>("numbers", new JsonValueCodec<IEnumerable<int>>(), 100_000);
        var taken = 0;

        Assert.Throws<MillpondException>(() => codec.Encode(Enumerable.Range(0, 100_000_000).Select(i => taken = i)));

        Assert.InRange(taken, 1, 200_000);
    }

    [Fact]
    public void After_disposal_the_memory_is_out_of_reach_and_returned_once()
    {
        var buffer = new PooledBuffer(10);
        buffer.Dispose();
        buffer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => buffer.Memory);
        Assert.Throws<ObjectDisposedException>(() => buffer.GetSpan());
    }
}
