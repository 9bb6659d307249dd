using System.Buffers;

namespace Millpond.Resp.Connections;

/// <summary>Bytes in one piece from the shared pool, growing at the end.</summary>
internal sealed class GrowingBuffer : IBufferWriter<byte>
{
    // What is kept when the buffer is emptied; a rare large command must not hold its memory for ever.
    private const int KeptBytesMax = 256 * 1024;
    private const int FirstBytes = 4096;

    private static long _rented;

    private byte[] _bytes = [];

    /// <summary>Arrays of the shared pool that all buffers of this process hold now.</summary>
    public static long Rented => Volatile.Read(ref _rented);

    /// <summary>What it holds of the pool's.</summary>
    public int Capacity => _bytes.Length;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public void Advance(int count) => Length += count;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (_bytes.Length - Length < Math.Max(sizeHint, 1))
        {
            Grow(sizeHint);
        }

        return _bytes.AsSpan(Length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GetSpan(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    public void Truncate(int length) => Length = length;

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptBytesMax)
        {
            Return();
        }
    }

    /// <summary>Removes bytes at the front.</summary>
    public void Consume(int count)
    {
        if (count > 0)
        {
            _bytes.AsSpan(count, Length - count).CopyTo(_bytes);
            Length -= count;
        }
    }

    public void Return()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            Interlocked.Decrement(ref _rented);
        }

        (_bytes, Length) = ([], 0);
    }

    // Doubling, so that bytes that arrive in small pieces are copied about once each.
    private void Grow(int more)
    {
        var wanted = Math.Max(FirstBytes, Math.Max((long)_bytes.Length * 2, (long)Length + more));
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(wanted, Array.MaxLength));
        Span.CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }
        else
        {
            Interlocked.Increment(ref _rented);
        }

        _bytes = larger;
    }
}
