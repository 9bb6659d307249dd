using System.Buffers.Binary;
using System.Text;
using Millpond.Journals;

namespace Millpond.FileJournal.Format;

/// <summary>Reads the entries of a frame whose checksum is right. What does not read all the same was written by something else.</summary>
internal ref struct EntryReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public static List<Entry> ReadAll(ReadOnlySpan<byte> bytes)
    {
        var reader = new EntryReader(bytes);
        var entries = new List<Entry>();
        while (!reader._left.IsEmpty)
        {
            entries.Add(reader.Read());
        }

        return entries;
    }

    private Entry Read()
    {
        var tag = (EntryTag)Take(1)[0];
        return tag switch
        {
            EntryTag.Written => new Written(Record()),
            EntryTag.Acknowledged => new Acknowledged(Number(), Number()),
            EntryTag.Buried => new Buried(Letter()),
            EntryTag.Removed => Removed(),
            EntryTag.Led => new Led(Number()),
            EntryTag.Checkpoint => Checkpoint(),
            _ => throw new InvalidDataException($"an entry begins with {(byte)tag:x2}, which this version of Millpond does not know"),
        };
    }

    private Removed Removed()
    {
        var (through, at, settlement) = (Number(), Number(), (Settlement)Take(1)[0]);
        return settlement is >= Settlement.Applied and <= Settlement.Discarded
            ? new(Text(), through, settlement, at)
            : throw new InvalidDataException($"a dead letter was removed as {(int)settlement}, which this version of Millpond does not know");
    }

    private Checkpoint Checkpoint()
    {
        var (identity, keyspace) = (Text(), Text());
        var (last, acknowledged, token, at) = (Number(), Number(), Number(), Number());
        var letters = new DeadLetter[Count()];
        for (var i = 0; i < letters.Length; i++)
        {
            letters[i] = Letter();
        }

        return new(identity, keyspace, last, acknowledged, token, at, letters);
    }

    private DeadLetter Letter()
    {
        var reason = Text();
        return new(Record(), reason);
    }

    private JournalRecord Record()
    {
        var kind = (JournalKind)Take(1)[0];
        if (kind is < JournalKind.Set or > JournalKind.Increment)
        {
            throw new InvalidDataException($"a record is of kind {(int)kind}, which this version of Millpond does not know");
        }

        var position = Number();
        var writtenAt = new DateTimeOffset(Number(), TimeSpan.Zero);
        var delta = Number();
        var key = Text();
        return new(position, kind, key, Take(Count()).ToArray(), delta, writtenAt);
    }

    private string Text() => Encoding.UTF8.GetString(Take(Count()));

    private int Count()
    {
        var count = Number();
        return count >= 0 && count <= _left.Length ? (int)count : throw new InvalidDataException($"an entry is said to have {count} bytes or parts, and {_left.Length} bytes are left");
    }

    private long Number() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _left.Length)
        {
            throw new InvalidDataException($"{count} bytes are wanted and {_left.Length} are left");
        }

        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
