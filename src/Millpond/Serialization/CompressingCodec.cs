using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Millpond.Serialization;

/// <summary>
/// Compresses what another codec writes, where it is long and becomes shorter. Every payload of a keyspace that compresses begins with a
/// marker, and has another id than the plain payload, so that the two are never taken for each other:
/// <code>
/// 0 | payload                                       not compressed
/// 1 | length of payload, 4 bytes little-endian | payload in Brotli
/// </code>
/// The length is there to be checked before a byte is decompressed, and is not believed: the stream must end exactly there.
/// </summary>
/// <param name="inner">Writes and reads the payload.</param>
/// <param name="compressAbove">Payloads of more bytes than this are tried.</param>
/// <param name="valueBytesMax">The limit of a payload before compression, both ways.</param>
/// <param name="keyspace">Whose limit it is, for errors.</param>
internal sealed class CompressingCodec<T>(IValueCodec<T> inner, int compressAbove, int valueBytesMax, string keyspace) : IValueCodec<T>
{
    /// <summary>What the framing adds to a payload that is not compressed; a compressed one is shorter than that.</summary>
    public const int FramingBytes = 1;

    private const byte Plain = 0;
    private const byte Brotli = 1;
    private const int HeaderBytes = 1 + sizeof(uint);

    /// <summary>The second fastest of twelve (0 to 11): callers wait for a load while its value is compressed.</summary>
    private const int Quality = 1;

    /// <summary>4 MiB, the library's own default; a wider window only matters to values that are longer still.</summary>
    private const int WindowBits = 22;

    public uint Id { get; } = CodecId.Hash($"brotli1|{inner.Id:x8}");

    public void Encode(T value, IBufferWriter<byte> writer)
    {
        using var plain = new PooledBuffer(valueBytesMax, keyspace);
        inner.Encode(value, plain);
        if (plain.Length > compressAbove && TryWriteCompressed(plain.Span, writer))
        {
            return;
        }

        var target = writer.GetSpan(FramingBytes + plain.Length);
        target[0] = Plain;
        plain.Span.CopyTo(target[FramingBytes..]);
        writer.Advance(FramingBytes + plain.Length);
    }

    public T Decode(ReadOnlyMemory<byte> payload)
    {
        var bytes = payload.Span;
        if (bytes.IsEmpty)
        {
            throw Refuse(0, "byte 0", "the marker is missing");
        }

        return bytes[0] switch
        {
            Plain => inner.Decode(payload[FramingBytes..]),
            Brotli => DecodeCompressed(bytes),
            _ => throw Refuse(bytes.Length, "byte 0", "the marker is unknown"),
        };
    }

    private static bool TryWriteCompressed(ReadOnlySpan<byte> plain, IBufferWriter<byte> writer)
    {
        // The room is one byte less than the plain form takes, so that what is not shorter does not fit.
        var room = FramingBytes + plain.Length - 1;
        if (room <= HeaderBytes)
        {
            return false;
        }

        var target = writer.GetSpan(room)[..room];
        if (!BrotliEncoder.TryCompress(plain, target[HeaderBytes..], out var written, Quality, WindowBits))
        {
            return false;
        }

        target[0] = Brotli;
        BinaryPrimitives.WriteUInt32LittleEndian(target[1..], (uint)plain.Length);
        writer.Advance(HeaderBytes + written);
        return true;
    }

    private T DecodeCompressed(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes)
        {
            throw Refuse(bytes.Length, "the end", "the length is cut off");
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]);
        if (length > valueBytesMax)
        {
            throw Refuse(bytes.Length, "byte 1", $"it says to become {length} bytes, over the ValueBytesMax of {valueBytesMax}");
        }

        // An array of the stated length and no more: a stream that holds more runs into its end.
        var plain = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            using var decoder = default(BrotliDecoder);
            var status = decoder.Decompress(bytes[HeaderBytes..], plain.AsSpan(0, (int)length), out var consumed, out var written);
            if (status != OperationStatus.Done || written != length || consumed != bytes.Length - HeaderBytes)
            {
                throw Refuse(bytes.Length, $"byte {HeaderBytes + consumed}", $"not a Brotli stream of the stated {length} bytes");
            }

            return inner.Decode(plain.AsMemory(0, written));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private static ValueCodecException Refuse(int length, string where, string why) =>
        ValueCodecException.Undecodable("CompressingCodec", typeof(T), length, where, why);
}
