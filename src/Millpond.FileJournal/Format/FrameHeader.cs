using System.Buffers.Binary;

namespace Millpond.FileJournal.Format;

/// <summary>
/// What stands before each frame. A frame is what one commit writes: the entries of all who waited for it, acknowledged together, so that a commit is in the file wholly or not at all.
/// </summary>
/// <remarks>32 bytes, little-endian: magic, length of the entries, position of the first record (or of the next, if there is none), number of the segment, checksum of the entries, checksum of the 28 bytes before.
/// Frames begin at multiples of 8 bytes and end in eight that are not zero, so that no part of one is zero but what a value has of zeros. The segment's number is there so that nothing left over from another file reads as a frame of this one.</remarks>
internal readonly record struct FrameHeader(int Length, long Position, long Segment, uint Checksum)
{
    public const int Bytes = 32;

    // "MPJ1"
    private const uint Magic = 0x314A504D;
    private const int Checked = 28;

    /// <summary>The last eight bytes of a frame.</summary>
    public static ReadOnlySpan<byte> End => "\nMPJEND\n"u8;

    /// <summary>The bytes of the frame in the file.</summary>
    public long Extent => Bytes + BodyBytes;

    /// <summary>Those after the header: entries, padding and end.</summary>
    public long BodyBytes => ((Length + 7L) & ~7L) + 8;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], Position);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(to[24..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(to[Checked..], Format.Checksum.Of(to[..Checked]));
    }

    /// <summary>Reads a header of this segment; false if there is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, long segment, out FrameHeader header)
    {
        header = default;
        if (from.Length < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(from[Checked..]) != Format.Checksum.Of(from[..Checked]))
        {
            return false;
        }

        header = new(
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]), BinaryPrimitives.ReadInt64LittleEndian(from[8..]), BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[24..]));
        return header.Length >= 0 && header.Segment == segment;
    }
}
