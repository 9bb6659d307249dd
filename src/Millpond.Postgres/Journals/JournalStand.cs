using Millpond.Journals;
using Npgsql;

namespace Millpond.Postgres.Journals;

/// <summary>How a journal stood when a step had been made on it.</summary>
/// <param name="Identity">Names the journal; empty before it was found.</param>
/// <param name="Last">The highest position that was given or skipped.</param>
/// <param name="Step">How many steps had been made: answers of different connections overtake each other.</param>
/// <param name="Depth">What it holds.</param>
internal sealed record JournalStand(string Identity, long Last, long Step, JournalDepth Depth)
{
    public static JournalStand None { get; } = new("", 0, 0, new JournalDepth { Records = 0, Bytes = 0, OldestAt = null, DeadLetters = 0 });

    public static JournalStand Of(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetInt64(5), new JournalDepth
    {
        Records = row.GetInt64(2),
        Bytes = row.GetInt64(3),
        DeadLetters = row.GetInt64(4),
        OldestAt = row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6),
    });

    public static JournalRecord RecordOf(NpgsqlDataReader row) =>
        new(row.GetInt64(0), (JournalKind)row.GetInt16(1), row.GetString(2), row.GetFieldValue<byte[]>(3), row.GetInt64(4), row.GetFieldValue<DateTimeOffset>(5));
}
