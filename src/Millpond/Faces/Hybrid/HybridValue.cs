using Millpond.Local;
using Millpond.Serialization;

namespace Millpond.Faces.Hybrid;

/// <summary>How a payload goes to the shared tier.</summary>
internal enum PayloadForm
{
    Plain,
    Compressed,
}

/// <summary>A value of the keyspace <c>hybrid</c>, which knows how it is encoded.</summary>
internal abstract class HybridValue
{
    // An object's header, two references and a form.
    protected const int OwnBytes = 40;

    /// <summary>What it weighs in the local tier.</summary>
    public abstract long Bytes { get; }

    public abstract uint CodecId { get; }

    /// <summary>Its payload for the shared tier; MP1201 over the limit.</summary>
    public abstract PooledBuffer Encode(int valueBytesMax);
}

/// <summary>A value of a type that a caller named.</summary>
internal abstract class HybridValue<T> : HybridValue
{
    /// <summary>What one caller gets.</summary>
    public abstract T Get();
}

/// <summary>A value that cannot be changed: every caller gets the same.</summary>
internal sealed class SharedValue<T>(HybridType<T> type, T value, PayloadForm form) : HybridValue<T>
{
    public override long Bytes => OwnBytes + SizeEstimator<T>.Bytes(value);

    public override uint CodecId => type.IdOf(form);

    public T Value => value;

    public override T Get() => value;

    public override PooledBuffer Encode(int valueBytesMax)
    {
        using var payload = type.Serialize(value);
        return type.Frame(payload.Memory, form, valueBytesMax);
    }
}

/// <summary>A value that a caller might change: held in bytes, of which every caller gets a copy of its own.</summary>
/// <param name="type">Its type.</param>
/// <param name="payload">Not written to once here.</param>
/// <param name="form">How it goes to the shared tier.</param>
/// <param name="decoded">A copy that nobody has yet, if there is one: made to see that the payload can be read.</param>
internal sealed class CopiedValue<T>(HybridType<T> type, byte[] payload, PayloadForm form, object? decoded = null) : HybridValue<T>
{
    private object? _decoded = decoded;

    public override long Bytes => OwnBytes + SizeEstimate.OfArray(payload.Length, 1);

    public override uint CodecId => type.IdOf(form);

    public override T Get() => _decoded is not null && Interlocked.Exchange(ref _decoded, null) is { } first ? (T)first : type.Deserialize(payload);

    public override PooledBuffer Encode(int valueBytesMax) => type.Frame(payload, form, valueBytesMax);
}
