using Millpond.Feeds;
using Millpond.Postgres.Regions;
using Npgsql;

namespace Millpond.Postgres.Setup;

/// <summary>Looks at everything that following a database needs, mends what it may, and names all the rest at once.</summary>
internal sealed class Preparation(string feed, string publication, string slot, NpgsqlConnection connection)
{
    private const int OldestMajor = 14;

    /// <summary>The tables as they are now.</summary>
    /// <param name="tables">What is followed.</param>
    /// <param name="isReplica">Whether a home database's beacons are to come here.</param>
    /// <param name="stop">Ends the look.</param>
    /// <exception cref="MillpondException">MP1601: the faults.</exception>
    public async Task<List<TableFacts>> MakeAsync(IReadOnlyList<FeedTable> tables, bool isReplica, CancellationToken stop)
    {
        List<string> faults = [];
        if (connection.PostgreSqlVersion.Major < OldestMajor)
        {
            faults.Add($"The server is PostgreSQL {connection.PostgreSqlVersion}; {OldestMajor} or later is needed.");
        }

        if (await Sql.TextAsync(connection, "select pg_is_in_recovery()::text", stop).ConfigureAwait(false) == "true")
        {
            faults.Add("The server is a standby. Connect to the primary (Target Session Attributes=primary).");
        }

        if (await Sql.TextAsync(connection, "show wal_level", stop).ConfigureAwait(false) is var level and not "logical")
        {
            faults.Add($"wal_level is {level}, so the log does not have rows: ALTER SYSTEM SET wal_level = logical; and restart the server.");
        }

        if (isReplica)
        {
            faults.AddRange(await ReplicaFaults.FindAsync(connection, stop).ConfigureAwait(false));
            tables = faults.Count == 0 ? [.. tables, Beacons.Judged] : tables;
        }

        var facts = await TableFacts.ReadAsync(connection, tables, stop).ConfigureAwait(false);
        faults.AddRange(TableFaults.Find(tables, facts));
        if ((await Slot.ReadAsync(slot, connection, stop).ConfigureAwait(false))?.Fault is { } unusable)
        {
            faults.Add(unusable);
        }

        // Not with a table that would make the application's writes fail.
        if (faults.Count == 0)
        {
            faults.AddRange(await new Publication(publication, connection).EnsureAsync(tables, facts, stop).ConfigureAwait(false));
        }

        return faults.Count == 0 ? facts : throw FeedFaults.Unfit(feed, faults);
    }
}
