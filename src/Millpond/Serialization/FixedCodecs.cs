using System.Buffers.Binary;

namespace Millpond.Serialization;

internal sealed class Int32Codec() : FixedCodec<int>(sizeof(int))
{
    protected override void Write(int value, Span<byte> target) => BinaryPrimitives.WriteInt32LittleEndian(target, value);

    protected override bool TryRead(ReadOnlySpan<byte> source, out int value) => BinaryPrimitives.TryReadInt32LittleEndian(source, out value);
}

internal sealed class Int64Codec() : FixedCodec<long>(sizeof(long))
{
    protected override void Write(long value, Span<byte> target) => BinaryPrimitives.WriteInt64LittleEndian(target, value);

    protected override bool TryRead(ReadOnlySpan<byte> source, out long value) => BinaryPrimitives.TryReadInt64LittleEndian(source, out value);
}

internal sealed class DoubleCodec() : FixedCodec<double>(sizeof(double))
{
    protected override void Write(double value, Span<byte> target) => BinaryPrimitives.WriteDoubleLittleEndian(target, value);

    protected override bool TryRead(ReadOnlySpan<byte> source, out double value) => BinaryPrimitives.TryReadDoubleLittleEndian(source, out value);
}

internal sealed class BooleanCodec() : FixedCodec<bool>(1)
{
    protected override void Write(bool value, Span<byte> target) => target[0] = value ? (byte)1 : (byte)0;

    /// <summary>Any other byte would make a bool that is neither true nor false.</summary>
    protected override bool TryRead(ReadOnlySpan<byte> source, out bool value)
    {
        value = source[0] == 1;
        return source[0] <= 1;
    }
}

internal sealed class GuidCodec() : FixedCodec<Guid>(16)
{
    protected override void Write(Guid value, Span<byte> target) => value.TryWriteBytes(target, bigEndian: false, out _);

    protected override bool TryRead(ReadOnlySpan<byte> source, out Guid value)
    {
        value = new Guid(source, bigEndian: false);
        return true;
    }
}

/// <summary>Eight bytes of local ticks, two of the offset in minutes, so that the offset survives and not the instant alone.</summary>
internal sealed class DateTimeOffsetCodec() : FixedCodec<DateTimeOffset>(10)
{
    private const int OffsetMinutesMax = 14 * 60;

    protected override void Write(DateTimeOffset value, Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, value.Ticks);
        BinaryPrimitives.WriteInt16LittleEndian(target[8..], (short)value.TotalOffsetMinutes);
    }

    protected override bool TryRead(ReadOnlySpan<byte> source, out DateTimeOffset value)
    {
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(source);
        var offset = BinaryPrimitives.ReadInt16LittleEndian(source[8..]) * TimeSpan.TicksPerMinute;
        var instant = ticks - offset;
        value = default;
        if (ticks is < 0 || ticks > DateTime.MaxValue.Ticks || Math.Abs(offset) > OffsetMinutesMax * TimeSpan.TicksPerMinute
            || instant < 0 || instant > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        value = new DateTimeOffset(ticks, TimeSpan.FromTicks(offset));
        return true;
    }
}
