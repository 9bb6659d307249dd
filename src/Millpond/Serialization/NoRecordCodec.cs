namespace Millpond.Serialization;

/// <summary>Stands where the shared tier holds no values: nothing is encoded, so values may be of types that nothing could encode.</summary>
internal sealed class NoRecordCodec<TValue> : RecordCodec<TValue>
{
    public override uint IdOf(TValue value) => throw Encodes();

    public override PooledBuffer Encode(TValue value, int valueBytesMax) => throw Encodes();

    public override TValue Decode(uint id, ReadOnlyMemory<byte> payload, int valueBytesMax) => throw Encodes();

    /// <summary>A record with a value comes from a tier that holds values; this one has none.</summary>
    public override bool Reads(uint id) => false;

    private static InvalidOperationException Encodes() => new("A keyspace on a shared tier without values was asked to encode one; this is a defect of Millpond.");
}
