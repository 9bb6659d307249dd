using System.Collections.Concurrent;
using Millpond.Serialization;

namespace Millpond.Faces.Hybrid;

/// <summary>The codec of the keyspace <c>hybrid</c>. A record is readable here once a caller of this process has named its type.</summary>
internal sealed class HybridRecordCodec(string keyspace, CodecRegistry codecs, int? compressAbove) : RecordCodec<HybridValue>
{
    private readonly ConcurrentDictionary<Type, HybridType> _byType = new();
    private readonly ConcurrentDictionary<uint, HybridType> _byId = new();

    public HybridType<T> Know<T>()
    {
        if (_byType.TryGetValue(typeof(T), out var known))
        {
            return (HybridType<T>)known;
        }

        var type = (HybridType<T>)_byType.GetOrAdd(typeof(T), new HybridType<T>(keyspace, codecs.For<T>(), compressAbove));
        _byId.TryAdd(type.IdOf(PayloadForm.Plain), type);
        _byId.TryAdd(type.IdOf(PayloadForm.Compressed), type);
        return type;
    }

    public override uint IdOf(HybridValue value) => value.CodecId;

    public override PooledBuffer Encode(HybridValue value, int valueBytesMax) => value.Encode(valueBytesMax);

    public override HybridValue Decode(uint id, ReadOnlyMemory<byte> payload, int valueBytesMax) => _byId[id].Read(id, payload, valueBytesMax);

    public override bool Reads(uint id) => _byId.ContainsKey(id);
}
