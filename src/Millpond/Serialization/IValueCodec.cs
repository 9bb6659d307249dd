using System.Buffers;

namespace Millpond.Serialization;

/// <summary>
/// Turns values of one type into bytes for the shared tier and back. Used from many threads at once; never called for a hit in the
/// local tier.
/// </summary>
/// <typeparam name="T">The type of the values. Null is never encoded: the absence of a row is a record of its own kind.</typeparam>
public interface IValueCodec<T>
{
    /// <summary>
    /// Names the encoding and the type, the same in every process and on every runtime; <see cref="CodecId.Of"/> gives one. It travels with
    /// each record, and a reader whose codec has another one treats the record as absent. Change it when the bytes change their meaning.
    /// </summary>
    uint Id { get; }

    /// <summary>Writes a value.</summary>
    /// <param name="value">Not null.</param>
    /// <param name="writer">Takes the bytes; throws MP1201 as soon as they pass the keyspace's limit, which must be let through.</param>
    void Encode(T value, IBufferWriter<byte> writer);

    /// <summary>
    /// Reads a value. The bytes come from a store that others can write to, so they are to be read as hostile: throw (anything) at what
    /// <see cref="Encode"/> would not have written. The record then counts as absent.
    /// </summary>
    /// <param name="payload">All bytes of one value. They are reused after the call, so the value must not refer to them.</param>
    T Decode(ReadOnlyMemory<byte> payload);
}

/// <summary>
/// Chooses codecs for types that have none of their own, such as everything that carries a marker interface. Register it as a service;
/// of several, the one registered last is asked first.
/// </summary>
public interface IValueCodecFactory
{
    /// <summary>Gives the codec for a type, or null to leave the type to others. Asked once for each type of value.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    IValueCodec<T>? TryCreate<T>();
}
