using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Millpond.Shared;

namespace Millpond.Redis.Requests;

/// <summary>What steps are told, as the bytes that travel.</summary>
internal static class Argument
{
    /// <summary>A hundred years: nothing is kept longer, and no sum of such times leaves the six bytes that a record has for each.</summary>
    private const long MillisecondsMax = 100L * 365 * 24 * 3_600 * 1_000;

    public static ReadOnlyMemory<byte> Of(string text) => Encoding.UTF8.GetBytes(text);

    public static ReadOnlyMemory<byte> Of(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    public static ReadOnlyMemory<byte> Of(Nonce nonce) => Bits(nonce.High, nonce.Low);

    public static ReadOnlyMemory<byte> Of(Incarnation incarnation) => Bits(incarnation.High, incarnation.Low);

    /// <summary>Milliseconds, a part of one counted whole: ages, which err to the old side, and times that somebody was promised.</summary>
    public static ReadOnlyMemory<byte> Up(TimeSpan time) => Of(Milliseconds(time, TimeSpan.TicksPerMillisecond - 1));

    /// <summary>Whole milliseconds: ends that must not come late.</summary>
    public static ReadOnlyMemory<byte> Down(TimeSpan time) => Of(Milliseconds(time, 0));

    public static long Milliseconds(TimeSpan time, long rounding) =>
        time <= TimeSpan.Zero ? 0 : Math.Min(MillisecondsMax, ((time.Ticks - 1) / TimeSpan.TicksPerMillisecond) + ((((time.Ticks - 1) % TimeSpan.TicksPerMillisecond) + 1 + rounding) / TimeSpan.TicksPerMillisecond));

    /// <summary>A record with a value and no lease.</summary>
    /// <param name="record">The value.</param>
    /// <param name="under">The nonce it is stored under.</param>
    public static ReadOnlyMemory<byte> Of(SharedRecord record, Nonce under)
    {
        var output = new ArrayBufferWriter<byte>(256 + record.Payload.Length);
        RecordFormat.Encode(new RecordImage(Nonce.None, LeasePurpose.Load, Incarnation.Unknown, record), output);
        var bytes = new Memory<byte>(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(output.WrittenMemory, out var segment) ? segment.Array : output.WrittenMemory.ToArray(), 0, output.WrittenCount);
        RecordFormat.MarkFilledUnder(bytes.Span, under);
        return bytes;
    }

    private static byte[] Bits(ulong high, ulong low)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, high);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), low);
        return bytes;
    }
}
