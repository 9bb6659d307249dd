using Millpond.Journals;
using Npgsql;

namespace Millpond.Postgres.Journals;

/// <summary>The trail of a journal in PostgreSQL: a table, read as it stands by any process.</summary>
internal sealed class PostgresTrail(PostgresJournal journal, TrailTable table, TrailOptions options, TimeProvider time) : IJournalTrail
{
    private static readonly DateTime Infinity = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);

    public TrailOptions Options => options;

    public async ValueTask<TrailPage> ReadAsync(TrailQuery query, CancellationToken cancellationToken)
    {
        query = query.Checked();
        var after = query.After ?? new TrailCursor(DateTimeOffset.UnixEpoch, 0);
        object[] parameters =
        [
            query.Since(options, time.GetUtcNow()).UtcDateTime, query.Until?.UtcDateTime ?? Infinity, after.SettledAt.UtcDateTime, after.Position, query.RecordsMax + 1L,
            .. query.Key is { } key ? [key] : Array.Empty<object>(),
        ];
        var found = await journal.RowsAsync([(query.Key is null ? table.Read : table.ReadKey, parameters)], RecordOf, cancellationToken).ConfigureAwait(false);

        // Asked last: what was cut while the records were read is told too.
        var since = await journal.RowsAsync([(table.Since, [])], row => row.IsDBNull(0) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(0), cancellationToken).ConfigureAwait(false);
        var page = found.GetRange(0, Math.Min(found.Count, query.RecordsMax));
        return new TrailPage(page, page.Count < found.Count ? page[^1].Cursor : null, since is [{ } complete] ? complete : time.GetUtcNow());
    }

    private static TrailRecord RecordOf(NpgsqlDataReader row) => new(JournalStand.RecordOf(row), (Settlement)row.GetInt16(7), row.GetFieldValue<DateTimeOffset>(6), row.GetString(8));
}
