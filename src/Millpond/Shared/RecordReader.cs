using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Millpond.Shared;

/// <summary>
/// Reads the part of <see cref="RecordFormat"/> that speaks of the value. The bytes may be anything. The first thing that cannot be makes the reader fail
/// for good, and each length is compared with what is left before anything is allocated for it.
/// </summary>
internal ref struct RecordReader(ReadOnlyMemory<byte> record)
{
    private readonly ReadOnlySpan<byte> _bytes = record.Span;
    private int _at = RecordFormat.ValueOffset;
    private bool _failed = record.Length < RecordFormat.ValueOffset;

    /// <summary>The value, or null if the bytes hold none that could have been written.</summary>
    public SharedRecord? Value(RecordFlags flags, IDisposable? owner)
    {
        if (_failed)
            return null;
        long stamp = BinaryPrimitives.ReadInt64LittleEndian(_bytes[RecordFormat.StampOffset..]);
        (ulong inHigh, ulong inLow) = RecordFormat.ReadBits(_bytes[(RecordFormat.StampOffset + sizeof(long))..]);
        (ulong underHigh, ulong underLow) = RecordFormat.ReadBits(_bytes[RecordFormat.FilledUnderOffset..]);
        var kind = flags.Has(RecordFlags.Negative) ? RecordKind.Negative : RecordKind.Value;
        var value = new SharedRecord
        {
            Kind = kind,
            Codec = (uint)Number(uint.MaxValue),
            AgeAtFill = Time(),
            TimeToLive = Time(),
            HardTimeToLive = Time(),
            Sliding = Time(),
            LoadTime = Time(),
            Stamp = stamp,
            Incarnation = new Incarnation(inHigh, inLow),
            Scopes = Scopes(),
            SourceVersion = flags.Has(RecordFlags.SourceVersion) ? Text(RecordFormat.SourceVersionBytesMax) : null,
            FilledUnder = new Nonce(underHigh, underLow),
            Payload = Payload(),
            Owner = owner,
        };
        return _failed || stamp < 0 || (kind == RecordKind.Negative && !value.Payload.IsEmpty) ? null : value;
    }

    private TimeSpan Time() => new((long)Number(long.MaxValue));

    private string[] Scopes()
    {
        int count = (int)Number(RecordFormat.ScopesMax);
        // Each scope takes at least its length byte.
        if (_failed || count > _bytes.Length - _at)
            return Fail<string[]>([]);
        var scopes = count == 0 ? [] : new string[count];
        for (int i = 0; i < count; i++)
            scopes[i] = Text(RecordFormat.ScopeBytesMax);
        return scopes;
    }

    private string Text(int bytesMax)
    {
        int length = (int)Number((ulong)bytesMax);
        if (_failed || length > _bytes.Length - _at || !Utf8.IsValid(_bytes.Slice(_at, length)))
            return Fail("");
        _at += length;
        return Encoding.UTF8.GetString(_bytes.Slice(_at - length, length));
    }

    /// <summary>The rest, which must be exactly as long as it says: a record cut short or run on is not the one that was written.</summary>
    private ReadOnlyMemory<byte> Payload()
    {
        int length = (int)Number(int.MaxValue);
        return _failed || length != _bytes.Length - _at ? Fail(ReadOnlyMemory<byte>.Empty) : record[_at..];
    }

    private ulong Number(ulong max)
    {
        ulong number = 0;
        for (int shift = 0; shift < 64 && _at < _bytes.Length && !_failed; shift += 7)
        {
            byte next = _bytes[_at++];
            ulong bits = next & 0x7Ful;
            if (bits << shift >> shift != bits)
                return Fail(0ul);
            number |= bits << shift;
            if (next < 0x80)
                return number <= max ? number : Fail(0ul);
        }

        return Fail(0ul);
    }

    private T Fail<T>(T instead)
    {
        _failed = true;
        return instead;
    }
}
