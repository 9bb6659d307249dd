using Npgsql;
using NpgsqlTypes;

namespace Millpond.Postgres.Setup;

/// <summary>A replication slot as the catalogue has it: the place up to which a feed was confirmed, and the log kept from there on.</summary>
/// <param name="Confirmed">Up to where it was confirmed.</param>
/// <param name="IsActive">Whether somebody follows it now.</param>
/// <param name="IsLost">Whether the log behind it is gone, so that it can never be followed again (A21).</param>
/// <param name="Fault">Why it cannot be used at all; null if it can.</param>
internal sealed record Slot(NpgsqlLogSequenceNumber Confirmed, bool IsActive, bool IsLost, string? Fault)
{
    public const string InUse = "55006";

    /// <summary>Null if there is none of the name.</summary>
    public static async Task<Slot?> ReadAsync(string name, NpgsqlConnection connection, CancellationToken stop)
    {
        var slots = await Sql.RowsAsync(
            connection,
            "select coalesce(confirmed_flush_lsn, '0/0')::text, active, coalesce(wal_status, '') = 'lost', coalesce(plugin, '') = 'pgoutput' and slot_type = 'logical', coalesce(database, '') = current_database(), temporary "
            + "from pg_replication_slots where slot_name = $1",
            row => (Confirmed: NpgsqlLogSequenceNumber.Parse(row.GetString(0)), IsActive: row.GetBoolean(1), IsLost: row.GetBoolean(2), Fault: FaultOf(row)),
            stop,
            name).ConfigureAwait(false);
        return slots is not [var slot] ? null : new(
            slot.Confirmed, slot.IsActive, slot.IsLost,
            slot.Fault is null ? null : $"Replication slot {name} cannot be used, because {slot.Fault}. Name another one, or, if nobody needs it: SELECT pg_drop_replication_slot('{name}');");
    }

    /// <summary>Makes one. Waits for the transactions under way, however long the longest takes.</summary>
    public static async Task<NpgsqlLogSequenceNumber> CreateAsync(string name, NpgsqlConnection connection, CancellationToken stop) =>
        NpgsqlLogSequenceNumber.Parse((await Sql.RunAsync(connection, "select lsn::text from pg_create_logical_replication_slot($1, 'pgoutput')", timeout: 0, stop, name).ConfigureAwait(false))!);

    public static Task DropAsync(string name, NpgsqlConnection connection, CancellationToken stop) => Sql.RunAsync(connection, "select pg_drop_replication_slot($1)::text", null, stop, name);

    /// <summary>How much log is kept for it, for people.</summary>
    public static async Task<string> DescribeAsync(string name, NpgsqlConnection connection, CancellationToken stop)
    {
        var told = await Sql.RowsAsync(
            connection, "select coalesce(wal_status, ''), current_setting('max_slot_wal_keep_size') from pg_replication_slots where slot_name = $1", row => (Status: row.GetString(0), Limit: row.GetString(1)), stop, name).ConfigureAwait(false);
        return told is not [var slot] ? $"slot {name} is gone."
            : $"slot {name}; {(slot.Limit == "-1" ? "the log is kept for it without a limit (max_slot_wal_keep_size)" : $"at most {slot.Limit} of log is kept for it")}{(slot.Status == "unreserved" ? ", and it is about to be lost" : "")}.";
    }

    private static string? FaultOf(NpgsqlDataReader row) =>
        !row.GetBoolean(3) ? "it is not a logical slot of pgoutput"
        : !row.GetBoolean(4) ? "it belongs to another database"
        : row.GetBoolean(5) ? "it is temporary"
        : null;
}
