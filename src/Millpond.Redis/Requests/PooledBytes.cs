using System.Buffers;

namespace Millpond.Redis.Requests;

/// <summary>A copy of bytes that stood in a receive buffer, in an array of the pool. Whoever holds it last disposes it, once.</summary>
internal sealed class PooledBytes : IDisposable
{
    private readonly int _length;
    private byte[]? _array;

    private PooledBytes(byte[] array, int length) => (_array, _length) = (array, length);

    public ReadOnlyMemory<byte> Memory => new(_array ?? throw new ObjectDisposedException(nameof(PooledBytes)), 0, _length);

    public static PooledBytes CopyOf(ReadOnlySpan<byte> bytes)
    {
        var array = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(array);
        return new PooledBytes(array, bytes.Length);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _array, null) is { } array)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
