using System.Buffers;

namespace Millpond.Serialization;

/// <summary>A value in a fixed number of bytes, little-endian on every machine.</summary>
internal abstract class FixedCodec<T>(int bytes) : IValueCodec<T>
{
    public uint Id { get; } = CodecId.Of("fixed", typeof(T));

    public void Encode(T value, IBufferWriter<byte> writer)
    {
        Write(value, writer.GetSpan(bytes)[..bytes]);
        writer.Advance(bytes);
    }

    public T Decode(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length != bytes)
        {
            throw Refuse(payload.Length, "the end", $"it takes {bytes} bytes, no more and no less");
        }

        return TryRead(payload.Span, out var value) ? value : throw Refuse(bytes, "byte 0", "no value of that type has these bytes");
    }

    /// <summary>Writes into exactly the bytes of a value.</summary>
    protected abstract void Write(T value, Span<byte> target);

    /// <summary>Reads from exactly the bytes of a value; false where no value is written so.</summary>
    protected abstract bool TryRead(ReadOnlySpan<byte> source, out T value);

    private static ValueCodecException Refuse(int length, string where, string why) =>
        ValueCodecException.Undecodable("FixedCodec", typeof(T), length, where, why);
}
