using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Millpond.Journals;
using Millpond.Resp;

namespace Millpond.Redis.Journals;

/// <summary>Reads what scripts wrote. The layouts are those of append.lua and bury.lua.</summary>
internal static class StoredRecords
{
    private const int StateHead = 17;

    private const int LetterHead = 29;

    /// <summary>An entry of the stream: its id, and its fields in the order in which they were appended.</summary>
    public static JournalRecord OfEntry(RespValue entry)
    {
        var (id, fields) = (entry.Items[0].Text!, entry.Items[1].Items);
        return new JournalRecord(
            long.Parse(id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture),
            (JournalKind)fields[1].Integer, fields[3].Text!, fields[5].Bytes, fields[7].Integer, DateTimeOffset.FromUnixTimeMilliseconds(fields[9].Integer));
    }

    /// <summary>An entry of the trail: when it was settled and its position, and the fields that trail.lua gave it.</summary>
    public static TrailRecord OfTrail(RespValue entry)
    {
        var (id, fields) = (entry.Items[0].Text!, entry.Items[1].Items);
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        var record = new JournalRecord(
            long.Parse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture),
            (JournalKind)fields[1].Integer, fields[3].Text!, fields[5].Bytes, fields[7].Integer, DateTimeOffset.FromUnixTimeMilliseconds(fields[9].Integer));
        return new TrailRecord(record, (Settlement)fields[11].Integer, DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(id.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture)), fields[13].Text!);
    }

    /// <summary>What is pending of a key: position, kind, time, value.</summary>
    public static JournalRecord OfPending(string key, ReadOnlyMemory<byte> bytes) =>
        new(Position(bytes.Span), (JournalKind)bytes.Span[8], key, bytes[StateHead..], 0, Time(bytes.Span));

    /// <summary>A dead letter: position, kind, time, the sizes of key, delta and reason, then these, then the value.</summary>
    public static DeadLetter OfLetter(ReadOnlyMemory<byte> bytes)
    {
        var head = bytes.Span;
        var key = LetterHead;
        var delta = key + BinaryPrimitives.ReadInt32LittleEndian(head[17..]);
        var reason = delta + BinaryPrimitives.ReadInt32LittleEndian(head[21..]);
        var value = reason + BinaryPrimitives.ReadInt32LittleEndian(head[25..]);
        var record = new JournalRecord(
            Position(head), (JournalKind)head[8], Encoding.UTF8.GetString(head[key..delta]), bytes[value..], long.Parse(head[delta..reason], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), Time(head));
        return new DeadLetter(record, Encoding.UTF8.GetString(head[reason..value]));
    }

    private static long Position(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadInt64LittleEndian(head);

    private static DateTimeOffset Time(ReadOnlySpan<byte> head) => DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(head[9..]));
}
