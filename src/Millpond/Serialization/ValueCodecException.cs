namespace Millpond.Serialization;

/// <summary>
/// MP1202. The message has the type, the codec, the length and the position, never the content: what a codec chokes on is either a
/// customer's data or an attacker's.
/// </summary>
internal sealed class ValueCodecException : MillpondException
{
    private readonly string _message;

    private ValueCodecException(string message, Exception? inner)
        : base(ErrorCode.ValueCodec, message, inner) => _message = message;

    /// <summary>The bytes are not what the codec would have written.</summary>
    /// <param name="codec">Whose decoder refused them.</param>
    /// <param name="type">The type of value they should have been.</param>
    /// <param name="length">How many bytes there were.</param>
    /// <param name="where">The position, as far as the decoder knows it.</param>
    /// <param name="why">The rule that they broke; no content.</param>
    /// <param name="inner">Only a cause whose own message cannot hold content.</param>
    public static ValueCodecException Undecodable(string codec, Type type, int length, string where, string why, Exception? inner = null) =>
        new($"{codec} cannot read a {CodecId.NameOf(type)} from a payload of {length} bytes ({where}): {why}. The record is treated as absent and "
            + "will be loaded anew. If it recurs, two programs use different encodings under one name: give the keyspace another version.", inner);

    /// <summary>The codec could not write the value.</summary>
    public static ValueCodecException Unencodable(string codec, Type type, Exception inner) =>
        new($"{codec} cannot write a {CodecId.NameOf(type)} ({inner.GetType().Name}). Give the type a shape that the codec can write, or the "
            + $"keyspace a codec for it (register an IValueCodec<{type.Name}>).", inner);

    /// <summary>The same error with the keyspace that it concerns.</summary>
    public ValueCodecException In(string keyspace) => new(_message, InnerException) { Keyspace = keyspace };
}
