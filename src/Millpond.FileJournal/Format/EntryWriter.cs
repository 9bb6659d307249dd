using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Millpond.Journals;

namespace Millpond.FileJournal.Format;

/// <summary>Writes entries, and the header before them. Used again for each frame; not for concurrent use.</summary>
internal sealed class EntryWriter
{
    // One frame in so many is larger; its buffer is not kept.
    private const int KeptBytes = 1 << 20;

    private ArrayBufferWriter<byte> _buffer = new(64 * 1024);

    /// <summary>The bytes of a frame of the entries so far.</summary>
    public long Extent => new FrameHeader(Length, 0, 0, 0).Extent;

    private int Length => Math.Max(0, _buffer.WrittenCount - FrameHeader.Bytes);

    public void Begin()
    {
        if (_buffer.Capacity > KeptBytes)
        {
            _buffer = new ArrayBufferWriter<byte>(64 * 1024);
        }

        _buffer.ResetWrittenCount();
        _buffer.GetSpan(FrameHeader.Bytes)[..FrameHeader.Bytes].Clear();
        _buffer.Advance(FrameHeader.Bytes);
    }

    /// <summary>The frame, valid until the next begins.</summary>
    public ReadOnlyMemory<byte> End(long position, long segment)
    {
        var length = Length;
        var padding = -length & 7;
        _buffer.GetSpan(8)[..padding].Clear();
        _buffer.Advance(padding);
        _buffer.Write(FrameHeader.End);
        var frame = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_buffer.WrittenMemory);
        new FrameHeader(length, position, segment, Checksum.Of(frame.Span[FrameHeader.Bytes..])).Write(frame.Span);
        return frame;
    }

    public void Write(Entry entry)
    {
        switch (entry)
        {
            case Written written:
                Tag(EntryTag.Written);
                Record(written.Record);
                break;
            case Acknowledged acknowledged:
                Tag(EntryTag.Acknowledged);
                Number(acknowledged.Through);
                Number(acknowledged.At);
                break;
            case Buried buried:
                Tag(EntryTag.Buried);
                Letter(buried.Letter);
                break;
            case Removed removed:
                Tag(EntryTag.Removed);
                Number(removed.Through);
                Number(removed.At);
                Tag((EntryTag)removed.Settlement);
                Text(removed.Key);
                break;
            case Led led:
                Tag(EntryTag.Led);
                Number(led.Token);
                break;
            case Checkpoint checkpoint:
                Tag(EntryTag.Checkpoint);
                Text(checkpoint.Identity);
                Text(checkpoint.Keyspace);
                Number(checkpoint.Last);
                Number(checkpoint.Acknowledged);
                Number(checkpoint.Token);
                Number(checkpoint.At);
                Number(checkpoint.Dead.Count);
                foreach (var letter in checkpoint.Dead)
                {
                    Letter(letter);
                }

                break;
        }
    }

    private void Letter(DeadLetter letter)
    {
        Text(letter.Reason);
        Record(letter.Record);
    }

    private void Record(JournalRecord record)
    {
        Tag((EntryTag)record.Kind);
        Number(record.Position);
        Number(record.WrittenAt.UtcTicks);
        Number(record.Delta);
        Text(record.Key);
        Number(record.Value.Length);
        _buffer.Write(record.Value.Span);
    }

    private void Tag(EntryTag tag)
    {
        _buffer.GetSpan(1)[0] = (byte)tag;
        _buffer.Advance(1);
    }

    private void Number(long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(sizeof(long)), number);
        _buffer.Advance(sizeof(long));
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        Number(bytes);
        Encoding.UTF8.GetBytes(text, _buffer.GetSpan(bytes));
        _buffer.Advance(bytes);
    }
}

/// <summary>The byte before an entry.</summary>
internal enum EntryTag : byte
{
    Written = 0x10,
    Acknowledged = 0x20,
    Buried = 0x21,
    Removed = 0x22,
    Led = 0x23,
    Checkpoint = 0x24,
}
