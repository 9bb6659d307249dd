namespace Millpond.Journals;

/// <summary>What a record asks of the source.</summary>
public enum JournalKind
{
    /// <summary>That the key's row holds the value.</summary>
    Set = 1,

    /// <summary>That the key has no row.</summary>
    Delete = 2,

    /// <summary>That the key's count grows by the delta. Never merged but by adding up.</summary>
    Increment = 3,
}

/// <summary>A record to append.</summary>
/// <param name="Kind">What it asks.</param>
/// <param name="Key">The key's text; not empty.</param>
/// <param name="Value">The value's bytes, opaque to the journal, for a set; else empty. Not changed until the append has returned.</param>
/// <param name="Delta">By how much, for an increment; else 0.</param>
public readonly record struct JournalWrite(JournalKind Kind, string Key, ReadOnlyMemory<byte> Value, long Delta = 0);

/// <summary>A record as a journal holds it.</summary>
/// <param name="Position">Its place in the journal's one order: above 0, and above that of every record before it, over restarts too. It is the sequence by which a key's writes are ordered.</param>
/// <param name="Kind">What it asks.</param>
/// <param name="Key">The key's text.</param>
/// <param name="Value">The value's bytes.</param>
/// <param name="Delta">By how much, for an increment.</param>
/// <param name="WrittenAt">When it was appended, by the clock of who did. For ages on pages; nothing is ordered by it.</param>
public sealed record JournalRecord(long Position, JournalKind Kind, string Key, ReadOnlyMemory<byte> Value, long Delta, DateTimeOffset WrittenAt);

/// <summary>A record that the sink refused, or that was written after such a one of the same key and waits behind it.</summary>
/// <param name="Record">The record.</param>
/// <param name="Reason">What the sink said.</param>
public sealed record DeadLetter(JournalRecord Record, string Reason)
{
    private const int ReasonCharactersMax = 1000;

    /// <summary>As much of a reason as journals keep.</summary>
    internal static string Short(string reason) => reason.Length > ReasonCharactersMax ? reason[..ReasonCharactersMax] : reason;
}
