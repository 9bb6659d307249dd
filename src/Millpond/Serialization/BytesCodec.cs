using System.Buffers;

namespace Millpond.Serialization;

/// <summary>Bytes as they are. Reading copies once, because the payload's memory goes back to its pool.</summary>
internal sealed class BytesCodec : IValueCodec<byte[]>, IValueCodec<ReadOnlyMemory<byte>>
{
    /// <summary>One name for both types: the bytes are the same, so an array written by one process is memory to another.</summary>
    private static readonly uint BytesId = CodecId.Hash("bytes");

    public static BytesCodec Instance { get; } = new();

    public uint Id => BytesId;

    public void Encode(byte[] value, IBufferWriter<byte> writer) => writer.Write(value);

    public void Encode(ReadOnlyMemory<byte> value, IBufferWriter<byte> writer) => writer.Write(value.Span);

    byte[] IValueCodec<byte[]>.Decode(ReadOnlyMemory<byte> payload) => payload.ToArray();

    ReadOnlyMemory<byte> IValueCodec<ReadOnlyMemory<byte>>.Decode(ReadOnlyMemory<byte> payload) => payload.ToArray();
}
