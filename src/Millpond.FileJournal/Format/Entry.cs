using Millpond.Journals;

namespace Millpond.FileJournal.Format;

/// <summary>One thing that a frame says.</summary>
internal abstract record Entry;

/// <summary>A record was appended.</summary>
internal sealed record Written(JournalRecord Record) : Entry;

/// <summary>Everything up to here is in the source, or buried; <see cref="At"/>, in ticks of UTC, is when it was written down, above that of every settlement before.</summary>
internal sealed record Acknowledged(long Through, long At) : Entry;

/// <summary>A record was put among the dead letters. It is here in full, because the segment it was appended to may go.</summary>
internal sealed record Buried(DeadLetter Letter) : Entry;

/// <summary>A key's dead letters up to here were removed, and what became of them when.</summary>
internal sealed record Removed(string Key, long Through, Settlement Settlement, long At) : Entry;

/// <summary>Somebody leads by this token.</summary>
internal sealed record Led(long Token) : Entry;

/// <summary>Where the journal stands at the beginning of a segment, in full but for the records that are not acknowledged: so older segments can go when theirs are. What it says to be acknowledged and nothing before it did was settled <see cref="At"/>.</summary>
internal sealed record Checkpoint(string Identity, string Keyspace, long Last, long Acknowledged, long Token, long At, IReadOnlyList<DeadLetter> Dead) : Entry;
