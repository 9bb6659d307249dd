using System.Buffers;
using System.Text;

namespace Millpond.Shared;

/// <summary>Writes the packed part of <see cref="RecordFormat"/>.</summary>
internal readonly struct RecordWriter(IBufferWriter<byte> output)
{
    private const int VarintBytesMax = 10;

    // Strict: a lone surrogate would be replaced and come back as another tag, which nobody would ever invalidate.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public void Value(SharedRecord value)
    {
        Number(value.Codec);
        Time(value.AgeAtFill);
        Time(value.TimeToLive);
        Time(value.HardTimeToLive);
        Time(value.Sliding);
        Time(value.LoadTime);
        if (value.Scopes.Count > RecordFormat.ScopesMax)
            throw new ArgumentException($"A record has {value.Scopes.Count} scopes; at most {RecordFormat.ScopesMax} are kept. Use fewer tags.");
        Number((ulong)value.Scopes.Count);
        foreach (string scope in value.Scopes)
            Text(scope, RecordFormat.ScopeBytesMax);
        if (value.SourceVersion is { } version)
            Text(version, RecordFormat.SourceVersionBytesMax);
        if (value.Kind == RecordKind.Negative && !value.Payload.IsEmpty)
            throw new ArgumentException("A negative record has a payload; it says that there is no value, so it has none.");
        Number((ulong)value.Payload.Length);
        output.Write(value.Payload.Span);
    }

    private void Time(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        Number((ulong)time.Ticks);
    }

    private void Text(string text, int bytesMax)
    {
        int length = Utf8.GetByteCount(text);
        if (length > bytesMax)
            throw new ArgumentException($"A scope or source version has {length} bytes; at most {bytesMax} are kept. Shorten it, or hash it.");
        Number((ulong)length);
        output.Advance(Utf8.GetBytes(text, output.GetSpan(length)));
    }

    private void Number(ulong number)
    {
        Span<byte> to = output.GetSpan(VarintBytesMax);
        int length = 0;
        for (; number >= 0x80; number >>= 7)
            to[length++] = (byte)(number | 0x80);
        to[length++] = (byte)number;
        output.Advance(length);
    }
}
