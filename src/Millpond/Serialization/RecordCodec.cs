namespace Millpond.Serialization;

/// <summary>Between a keyspace's values and the payloads of its records.</summary>
internal abstract class RecordCodec<TValue>
{
    /// <summary>The id that a record of this value carries.</summary>
    public abstract uint IdOf(TValue value);

    /// <summary>The payload, in a buffer that the caller disposes (MP1201 over the limit, MP1202 if it cannot be encoded).</summary>
    public abstract PooledBuffer Encode(TValue value, int valueBytesMax);

    /// <summary>Reads a payload written under <paramref name="id"/>; MP1202 if it cannot be read.</summary>
    public abstract TValue Decode(uint id, ReadOnlyMemory<byte> payload, int valueBytesMax);

    /// <summary>Whether a record with this id can be read here.</summary>
    public abstract bool Reads(uint id);
}

/// <summary>One type, one codec.</summary>
internal sealed class TypedRecordCodec<TValue>(string keyspace, IValueCodec<TValue> codec, int? compressAbove) : RecordCodec<TValue>
{
    private readonly uint _id = new KeyspaceCodec<TValue>(keyspace, codec, int.MaxValue / 2, compressAbove).Id;

    // Rebuilt when the limit changes, which is when somebody edits the configuration.
    private Sized? _current;

    public override uint IdOf(TValue value) => _id;

    public override PooledBuffer Encode(TValue value, int valueBytesMax) => Current(valueBytesMax).Encode(value);

    public override TValue Decode(uint id, ReadOnlyMemory<byte> payload, int valueBytesMax) => Current(valueBytesMax).Decode(payload);

    public override bool Reads(uint id) => id == _id;

    private KeyspaceCodec<TValue> Current(int valueBytesMax)
    {
        var current = _current;
        if (current is null || current.ValueBytesMax != valueBytesMax)
        {
            _current = current = new Sized(valueBytesMax, new KeyspaceCodec<TValue>(keyspace, codec, valueBytesMax, compressAbove));
        }

        return current.Codec;
    }

    private sealed record Sized(int ValueBytesMax, KeyspaceCodec<TValue> Codec);
}
