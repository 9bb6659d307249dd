using System.Buffers;

namespace Millpond.Serialization;

/// <summary>
/// The bytes of one value, in an array of the pool, with a limit. Whoever holds it last disposes it, once; then its memory is somebody
/// else's. Not for concurrent use.
/// </summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>Most cached values are a kilobyte or two; one doubling reaches them.</summary>
    private const int FirstBytes = 1024;

    private readonly string? _keyspace;
    private readonly int _valueBytesMax;
    private readonly int _framingBytes;
    private byte[]? _array;

    /// <param name="valueBytesMax">The limit of the value.</param>
    /// <param name="keyspace">Whose limit it is, for the error.</param>
    /// <param name="framingBytes">What a framing around the value may add.</param>
    public PooledBuffer(int valueBytesMax, string? keyspace = null, int framingBytes = 0)
    {
        _valueBytesMax = valueBytesMax;
        _keyspace = keyspace;
        _framingBytes = framingBytes;
        _array = ArrayPool<byte>.Shared.Rent(FirstBytes);
    }

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => new(Live, 0, Length);

    public ReadOnlySpan<byte> Span => new(Live, 0, Length);

    private byte[] Live => _array ?? throw new ObjectDisposedException(nameof(PooledBuffer));

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Live.Length - Length);
        var length = (long)Length + count;
        if (length > (long)_valueBytesMax + _framingBytes)
        {
            throw OverLimit(length - _framingBytes);
        }

        Length = (int)length;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return Live.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return Live.AsSpan(Length);
    }

    public void Dispose()
    {
        // Exchanged, because an array returned twice would be rented to two owners.
        if (Interlocked.Exchange(ref _array, null) is { } array)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    /// <summary>
    /// A hint above the limit is granted: it is the writer's guess at the worst case (three bytes for a character), not what it will
    /// write. The limit is judged by what is written.
    /// </summary>
    private void EnsureRoom(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        var array = Live;
        var needed = (long)Length + Math.Max(sizeHint, 1);
        if (needed <= array.Length)
        {
            return;
        }

        if (needed > Array.MaxLength)
        {
            throw OverLimit(needed - _framingBytes);
        }

        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Max(needed, Math.Min(array.Length * 2L, Array.MaxLength)));
        array.AsSpan(0, Length).CopyTo(grown);
        _array = grown;
        ArrayPool<byte>.Shared.Return(array);
    }

    private MillpondException OverLimit(long bytes) =>
        new(ErrorCode.ValueSize,
            $"a value of keyspace '{_keyspace ?? "(none)"}' takes at least {bytes} bytes, over its ValueBytesMax of {_valueBytesMax}. Cache a smaller "
            + "value (an identifier, a page of the list, fewer columns), or raise ValueBytesMax for this keyspace.")
        {
            Keyspace = _keyspace,
        };
}
