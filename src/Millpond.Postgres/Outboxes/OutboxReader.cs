using Millpond.Feeds;
using Millpond.Feeds.Outboxes;
using Npgsql;

namespace Millpond.Postgres.Outboxes;

/// <summary>What one look found.</summary>
/// <param name="Snapshot">What it could see; null if there was nothing new.</param>
/// <param name="At">When the last row of it was written, by the server's clock.</param>
internal readonly record struct OutboxFound(string? Snapshot, DateTimeOffset? At);

/// <summary>Reads the rows that a snapshot did not show.</summary>
internal sealed class OutboxReader(PostgresOutbox outbox, IFeedSink sink)
{
    // Of a transaction the rows in their order, and of two that do not overlap the earlier first.
    private readonly string _select =
        $"select pg_current_snapshot()::text, tbl, kind, old, new, at from {outbox.Table} where xid >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(xid, $1::pg_snapshot) order by xid, id";

    private readonly TableNames _tables = new(sink.Tables, outbox.DefaultSchema);

    public async Task<OutboxFound> ReadAsync(NpgsqlConnection session, string seen, IFeedTransaction into, CancellationToken stop)
    {
        using var command = new NpgsqlCommand(_select, session) { Parameters = { new NpgsqlParameter { Value = seen } } };
        var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        await using var ends = reader.ConfigureAwait(false);
        var found = default(OutboxFound);
        while (await reader.ReadAsync(stop).ConfigureAwait(false))
        {
            found = new(found.Snapshot ?? reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(5));
            if (_tables.Find(reader.GetString(1)) is { } table)
            {
                Add(reader, table.Name, into);
            }
        }

        return found;
    }

    private void Add(NpgsqlDataReader reader, string table, IFeedTransaction into)
    {
        RowChangeKind? kind = reader.GetString(2) switch { "I" => RowChangeKind.Insert, "U" => RowChangeKind.Update, "D" => RowChangeKind.Delete, "T" => RowChangeKind.Truncate, _ => null };
        if (kind is { } known && RowJson.TryRead(Text(reader, 3), out var old) && RowJson.TryRead(Text(reader, 4), out var now))
        {
            into.Add(new RowChange(table, known, old, now));
            return;
        }

        into.Doubt(new FeedDoubt(table, FeedDoubtReason.Undecodable, $"A row of {outbox.Table} about {table} is not as an outbox writes it: kind I, U, D or T, the row before and after as JSON objects."));
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
