namespace Millpond.Serialization;

/// <summary>
/// A keyspace's way between values and payloads: its codec, its limit and its compression. The only place from which the roads
/// encode and decode, so that each failure leaves here as MP1201 or MP1202 with the keyspace's name.
/// </summary>
internal sealed class KeyspaceCodec<T>
{
    private readonly string _keyspace;
    private readonly string _name;
    private readonly IValueCodec<T> _codec;
    private readonly int _valueBytesMax;
    private readonly int _framingBytes;

    /// <param name="keyspace">The keyspace's name, for errors.</param>
    /// <param name="codec">Its codec.</param>
    /// <param name="valueBytesMax">The most bytes that a value may take before compression, both ways.</param>
    /// <param name="compressAbove">Payloads of more bytes than this are compressed; null never compresses.</param>
    public KeyspaceCodec(string keyspace, IValueCodec<T> codec, int valueBytesMax, int? compressAbove = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(valueBytesMax);
        _keyspace = keyspace;
        _name = codec is HybridCodec<T> hybrid ? hybrid.SerializerName : codec.GetType().Name.Split('`')[0];
        _valueBytesMax = valueBytesMax;
        _codec = codec;
        if (compressAbove is { } above)
        {
            _codec = new CompressingCodec<T>(codec, above, valueBytesMax, keyspace);
            _framingBytes = CompressingCodec<T>.FramingBytes;
        }

        Id = _codec.Id;
    }

    /// <summary>Goes into a record; a record with another one counts as absent.</summary>
    public uint Id { get; }

    /// <summary>The value's payload. The caller owns the buffer and disposes it when the payload has been sent.</summary>
    public PooledBuffer Encode(T value)
    {
        var buffer = new PooledBuffer(_valueBytesMax, _keyspace, _framingBytes);
        try
        {
            _codec.Encode(value, buffer);
            return buffer;
        }
        catch (Exception e)
        {
            buffer.Dispose();
            switch (e)
            {
                case ValueCodecException known:
                    throw known.In(_keyspace);
                case MillpondException:
                    throw;
                default:
                    throw ValueCodecException.Unencodable(_name, typeof(T), e).In(_keyspace);
            }
        }
    }

    /// <summary>The value of a payload, which is not referred to afterwards.</summary>
    public T Decode(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > (long)_valueBytesMax + _framingBytes)
        {
            throw Refuse(payload.Length, "the end", $"over the ValueBytesMax of {_valueBytesMax}");
        }

        try
        {
            return _codec.Decode(payload) ?? throw Refuse(payload.Length, "byte 0", "null in place of a value");
        }
        catch (ValueCodecException e) when (e.Keyspace is null)
        {
            throw e.In(_keyspace);
        }
        catch (Exception e) when (e is not MillpondException)
        {
            // The cause is left out: nobody knows whether a foreign message quotes the content.
            throw Refuse(payload.Length, "position unknown", $"its decoder threw {e.GetType().Name}");
        }
    }

    private ValueCodecException Refuse(int length, string where, string why) =>
        ValueCodecException.Undecodable(_name, typeof(T), length, where, why).In(_keyspace);
}
