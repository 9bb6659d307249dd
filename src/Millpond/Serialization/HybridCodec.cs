using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Millpond.Serialization;

/// <summary>Lets a serializer that an application registered for HybridCache serve as a codec, unchanged.</summary>
internal sealed class HybridCodec<T>(IHybridCacheSerializer<T> serializer) : IValueCodec<T>
{
    /// <summary>By the serializer's type: HybridCache gives its serializers no other name.</summary>
    public uint Id { get; } = CodecId.Of("hybrid:" + CodecId.NameOf(serializer.GetType()), typeof(T));

    /// <summary>What the errors should name.</summary>
    public string SerializerName => serializer.GetType().Name;

    public void Encode(T value, IBufferWriter<byte> writer) => serializer.Serialize(value, writer);

    public T Decode(ReadOnlyMemory<byte> payload) => serializer.Deserialize(new ReadOnlySequence<byte>(payload));
}
