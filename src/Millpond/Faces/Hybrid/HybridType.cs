using System.Buffers;
using Millpond.Serialization;

namespace Millpond.Faces.Hybrid;

/// <summary>A type of values, for readers of records who know only the record's codec.</summary>
internal abstract class HybridType
{
    public abstract HybridValue Read(uint id, ReadOnlyMemory<byte> payload, int valueBytesMax);
}

/// <summary>How values of one type are held, encoded and read back.</summary>
internal sealed class HybridType<T> : HybridType
{
    // The limit is judged where a payload is framed for a tier. A value too large to be stored is still copied for each of its callers.
    private const int Unlimited = int.MaxValue / 2;

    private readonly TypedRecordCodec<T> _values;
    private readonly TypedRecordCodec<ReadOnlyMemory<byte>> _plain;
    private readonly TypedRecordCodec<ReadOnlyMemory<byte>> _compressed;

    /// <param name="keyspace">For errors.</param>
    /// <param name="codec">The type's codec.</param>
    /// <param name="compressAbove">Null where this process never compresses; it still reads what another compressed.</param>
    public HybridType(string keyspace, IValueCodec<T> codec, int? compressAbove)
    {
        var payloads = new PayloadCodec(codec.Id);
        _values = new TypedRecordCodec<T>(keyspace, codec, null);
        _plain = new TypedRecordCodec<ReadOnlyMemory<byte>>(keyspace, payloads, null);
        _compressed = new TypedRecordCodec<ReadOnlyMemory<byte>>(keyspace, payloads, compressAbove ?? int.MaxValue);
    }

    public uint IdOf(PayloadForm form) => Of(form).IdOf(default);

    public HybridValue<T> Hold(T value, PayloadForm form)
    {
        if (ImmutableType<T>.IsKnown)
        {
            return new SharedValue<T>(this, value, form);
        }

        using var payload = Serialize(value);
        return new CopiedValue<T>(this, payload.Span.ToArray(), form);
    }

    /// <summary>The value in bytes, however many; the caller disposes them.</summary>
    public PooledBuffer Serialize(T value) => _values.Encode(value, Unlimited);

    public T Deserialize(byte[] payload) => _values.Decode(0, payload, Unlimited);

    public PooledBuffer Frame(ReadOnlyMemory<byte> payload, PayloadForm form, int valueBytesMax) => Of(form).Encode(payload, valueBytesMax);

    public override HybridValue Read(uint id, ReadOnlyMemory<byte> payload, int valueBytesMax)
    {
        var form = id == IdOf(PayloadForm.Plain) ? PayloadForm.Plain : PayloadForm.Compressed;
        var bytes = Of(form).Decode(id, payload, valueBytesMax).ToArray();

        // At once, so that a record that cannot be read counts as absent, and not as a value that nobody can have.
        var value = Deserialize(bytes);
        return ImmutableType<T>.IsKnown ? new SharedValue<T>(this, value, form) : new CopiedValue<T>(this, bytes, form, value);
    }

    private TypedRecordCodec<ReadOnlyMemory<byte>> Of(PayloadForm form) => form == PayloadForm.Plain ? _plain : _compressed;

    /// <summary>Payloads under the id of the codec that wrote them.</summary>
    private sealed class PayloadCodec(uint id) : IValueCodec<ReadOnlyMemory<byte>>
    {
        public uint Id => id;

        public void Encode(ReadOnlyMemory<byte> value, IBufferWriter<byte> writer) => writer.Write(value.Span);

        public ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> payload) => payload.ToArray();
    }
}
