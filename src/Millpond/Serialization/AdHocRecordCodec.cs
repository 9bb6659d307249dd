using System.Collections.Concurrent;

namespace Millpond.Serialization;

/// <summary>
/// The codec of a keyspace whose values are of any type. Each record carries the id of its value's own codec; a record is readable here once a
/// caller of this process has asked for, or set, a value of that type.
/// </summary>
internal sealed class AdHocRecordCodec(string keyspace, CodecRegistry codecs) : RecordCodec<object>
{
    private readonly ConcurrentDictionary<Type, IAnyCodec> _byType = new();
    private readonly ConcurrentDictionary<uint, IAnyCodec> _byId = new();

    /// <summary>Makes values of a type readable.</summary>
    public void Know<T>() => Of<T>();

    public override uint IdOf(object value) => Of(value).Id;

    public override PooledBuffer Encode(object value, int valueBytesMax) => Of(value).Encode(value, valueBytesMax);

    public override object Decode(uint id, ReadOnlyMemory<byte> payload, int valueBytesMax) => _byId[id].Decode(payload, valueBytesMax);

    public override bool Reads(uint id) => _byId.ContainsKey(id);

    private IAnyCodec Of(object value) =>
        // Set under the type that the caller named; a subtype is written as that, so that whoever asks for it reads it.
        _byType.GetValueOrDefault(value.GetType())
        ?? _byType.FirstOrDefault(pair => pair.Key.IsInstanceOfType(value)).Value
        ?? throw new MillpondException(ErrorCode.ValueCodec, $"No codec is known for the type {value.GetType().Name} in keyspace '{keyspace}'.");

    private IAnyCodec Of<T>()
    {
        if (_byType.TryGetValue(typeof(T), out var known))
        {
            return known;
        }

        var codec = new AnyCodec<T>(new TypedRecordCodec<T>(keyspace, codecs.For<T>(), null));
        _byId.TryAdd(codec.Id, codec);
        return _byType.GetOrAdd(typeof(T), codec);
    }

    private interface IAnyCodec
    {
        uint Id { get; }

        PooledBuffer Encode(object value, int valueBytesMax);

        object Decode(ReadOnlyMemory<byte> payload, int valueBytesMax);
    }

    private sealed class AnyCodec<T>(TypedRecordCodec<T> codec) : IAnyCodec
    {
        public uint Id { get; } = codec.IdOf(default!);

        public PooledBuffer Encode(object value, int valueBytesMax) => codec.Encode((T)value, valueBytesMax);

        public object Decode(ReadOnlyMemory<byte> payload, int valueBytesMax) => codec.Decode(Id, payload, valueBytesMax)!;
    }
}
