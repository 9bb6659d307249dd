using System.Buffers;
using System.Buffers.Binary;

namespace Millpond.Shared;

/// <summary>The bytes of a record, for engines that keep bytes. Little-endian.</summary>
/// <remarks>
/// <code>
///  0   1  version of the format, 1
///  1   1  flags: 1 value, 2 negative, 4 left stale by a change, 8 lease is for writing, 16 source version follows
///  2  16  incarnation in which the lease was granted; zeros without a lease
/// 18  16  nonce of the lease; zeros without one
///         a record without a value ends here
/// 34   8  stamp
/// 42  16  incarnation of the stamp
/// 58  16  nonce under which the value was stored
/// 74      varints: codec, age at fill, time to live, hard time to live, sliding, load time (in ticks of 100 ns)
///         varint count of scopes, each a varint length and UTF-8
///         where flagged, the source version: varint length and UTF-8
///         varint length of the payload, the payload, the end
/// </code>
/// <para>
/// What an engine's server must find or set itself in one step (the guard, the stamp of a put) stands at fixed places in fixed widths; the rest is packed.
/// What is read is treated as hostile: decoding never throws, allocates no more than in proportion to the bytes at hand, and takes nothing
/// cut short or run on. An unknown version or flag makes a record unreadable, which means absent: two versions of
/// an application may share an engine for the length of a deployment.
/// </para>
/// </remarks>
public static class RecordFormat
{
    /// <summary>Where the incarnation of the lease stands.</summary>
    public const int LeasedInOffset = 2;

    /// <summary>Where the nonce of the lease stands.</summary>
    public const int LeaseOffset = 18;

    /// <summary>Where the stamp stands, and after it the incarnation of the stamp.</summary>
    public const int StampOffset = 34;

    /// <summary>Where the nonce stands under which the value was stored.</summary>
    public const int FilledUnderOffset = 58;

    /// <summary>The most scopes of one record. Each costs a look-up on every read of the shared tier, so a record with more is a mistake.</summary>
    public const int ScopesMax = 256;

    /// <summary>The longest scope in bytes of UTF-8: generous for a name, and small enough that 256 of them are no attack.</summary>
    public const int ScopeBytesMax = 1_024;

    /// <summary>The longest source version in bytes of UTF-8. ETags and row versions are far shorter.</summary>
    public const int SourceVersionBytesMax = 1_024;

    internal const byte Version = 1;
    internal const int ValueOffset = 74;

    /// <summary>Writes a record.</summary>
    /// <param name="image">The record.</param>
    /// <param name="output">Where to.</param>
    /// <exception cref="ArgumentException">A time or the stamp is negative, text is not valid UTF-16, or a limit is passed.</exception>
    public static void Encode(in RecordImage image, IBufferWriter<byte> output)
    {
        Span<byte> head = output.GetSpan(ValueOffset)[..ValueOffset];
        head[0] = Version;
        head[1] = (byte)Flags(image);
        WriteBits(head[LeasedInOffset..], image.Lease.IsNone ? default : (image.LeasedIn.High, image.LeasedIn.Low));
        WriteBits(head[LeaseOffset..], (image.Lease.High, image.Lease.Low));
        if (image.Value is not { } value)
        {
            output.Advance(StampOffset);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(value.Stamp);
        Restamp(head, value.Stamp, value.Incarnation);
        WriteBits(head[FilledUnderOffset..], (value.FilledUnder.High, value.FilledUnder.Low));
        output.Advance(ValueOffset);
        new RecordWriter(output).Value(value);
    }

    /// <summary>Reads a record.</summary>
    /// <param name="bytes">The bytes; the payload of the result is a slice of them.</param>
    /// <param name="owner">What the result's <see cref="SharedRecord.Owner"/> shall be, where the bytes must be given back.</param>
    /// <param name="image">The record.</param>
    /// <returns>False if these bytes are no record that this version reads; the owner then stays the caller's.</returns>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, IDisposable? owner, out RecordImage image)
    {
        image = default;
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length < StampOffset || span[0] != Version || !AreSound((RecordFlags)span[1]))
            return false;
        var flags = (RecordFlags)span[1];
        (ulong high, ulong low) = ReadBits(span[LeaseOffset..]);
        var lease = new Nonce(high, low);
        (high, low) = ReadBits(span[LeasedInOffset..]);
        if (lease.IsNone && flags.Has(RecordFlags.WriteLease))
            return false;
        SharedRecord? value = null;
        if (flags.Has(RecordFlags.Value))
            value = new RecordReader(bytes).Value(flags, owner);
        if (flags.Has(RecordFlags.Value) ? value is null : span.Length != StampOffset)
            return false;
        image = new RecordImage(
            lease,
            flags.Has(RecordFlags.WriteLease) ? LeasePurpose.Write : LeasePurpose.Load,
            new Incarnation(high, low),
            value,
            flags.Has(RecordFlags.Stale) ? AfterInvalidation.Stale : AfterInvalidation.Gone);
        return true;
    }

    /// <summary>Replaces the stamp in the bytes of a record with a value, as a put must in the step that stores it.</summary>
    /// <param name="record">What <see cref="Encode"/> wrote.</param>
    /// <param name="stamp">The stamp.</param>
    /// <param name="incarnation">Its incarnation.</param>
    public static void Restamp(Span<byte> record, long stamp, Incarnation incarnation)
    {
        BinaryPrimitives.WriteInt64LittleEndian(record[StampOffset..], stamp);
        WriteBits(record[(StampOffset + sizeof(long))..], (incarnation.High, incarnation.Low));
    }

    /// <summary>Replaces the nonce under which the value was stored.</summary>
    /// <param name="record">What <see cref="Encode"/> wrote.</param>
    /// <param name="nonce">The nonce.</param>
    public static void MarkFilledUnder(Span<byte> record, Nonce nonce) =>
        WriteBits(record[FilledUnderOffset..], (nonce.High, nonce.Low));

    internal static (ulong High, ulong Low) ReadBits(ReadOnlySpan<byte> from) =>
        (BinaryPrimitives.ReadUInt64LittleEndian(from), BinaryPrimitives.ReadUInt64LittleEndian(from[sizeof(ulong)..]));

    private static void WriteBits(Span<byte> to, (ulong High, ulong Low) bits)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, bits.High);
        BinaryPrimitives.WriteUInt64LittleEndian(to[sizeof(ulong)..], bits.Low);
    }

    private static RecordFlags Flags(in RecordImage image) =>
        (image.Value is null ? 0 : RecordFlags.Value)
        | (image.Value?.Kind == RecordKind.Negative ? RecordFlags.Negative : 0)
        | (image.IsInvalidated ? RecordFlags.Stale : 0)
        | (!image.Lease.IsNone && image.Purpose == LeasePurpose.Write ? RecordFlags.WriteLease : 0)
        | (image.Value?.SourceVersion is null ? 0 : RecordFlags.SourceVersion);

    /// <summary>No flag that this version does not know, and none that speaks of a value where there is none.</summary>
    private static bool AreSound(RecordFlags flags) =>
        (flags & ~RecordFlags.All) == 0
        && (flags.Has(RecordFlags.Value) || (flags & ~RecordFlags.WriteLease) == 0);
}
