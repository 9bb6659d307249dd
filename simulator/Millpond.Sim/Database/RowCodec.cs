using System.Buffers;
using System.Buffers.Binary;
using Millpond.Serialization;

namespace Millpond.Sim.Database;

/// <summary>Rows in 24 bytes: a run encodes and decodes millions.</summary>
internal sealed class RowCodec : IValueCodec<Row>
{
    private const int Bytes = 24;

    public static RowCodec Only { get; } = new();

    public uint Id { get; } = CodecId.Of("simulated", typeof(Row));

    public void Encode(Row value, IBufferWriter<byte> writer)
    {
        var to = writer.GetSpan(Bytes);
        BinaryPrimitives.WriteInt32LittleEndian(to, value.Space);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], value.Tenant);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], value.Key);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], value.Category);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], value.Mark);
        writer.Advance(Bytes);
    }

    public Row Decode(ReadOnlyMemory<byte> payload)
    {
        var from = payload.Span;
        if (from.Length != Bytes)
            throw new InvalidDataException($"A row has {Bytes} bytes; these are {from.Length}.");
        return new Row(
            BinaryPrimitives.ReadInt32LittleEndian(from),
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[12..]));
    }
}
