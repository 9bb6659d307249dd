using Millpond.Postgres.Setup;
using Npgsql;

namespace Millpond.Postgres.Regions;

/// <summary>Why a replica cannot say how far it has come, each with the SQL that mends it.</summary>
internal static class ReplicaFaults
{
    public static async Task<List<string>> FindAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        List<string> faults = [];
        if (await Sql.TextAsync(connection, "select (to_regclass($1) is not null)::text", stop, Beacons.Table).ConfigureAwait(false) == "false")
        {
            faults.Add(
                $"There is no table {Beacons.Table}, by which home proves how recent this replica is. In both databases: {Beacons.CreateScript} At home: ALTER PUBLICATION ... ADD TABLE {Beacons.Table}; and GRANT SELECT, INSERT, UPDATE on it to the login of Home. "
                + "Here: ALTER SUBSCRIPTION ... REFRESH PUBLICATION;");
        }

        const string mine = "from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())";
        if (await Sql.TextAsync(connection, $"select count(*)::text {mine}", stop).ConfigureAwait(false) is var count and not "1")
        {
            faults.Add($"The database has {count} subscriptions, and must have one: that to the home database. Without Home the feed follows it as a database of its own.");
        }

        if (await Sql.TextAsync(connection, "select count(*)::text from pg_subscription_rel where srsubstate <> 'r'", stop).ConfigureAwait(false) is var copied and not "0")
        {
            faults.Add($"Of {copied} tables the subscription still copies the rows, and until it has, their changes come beside the others and not in their order. That ends by itself; the feed begins then.");
        }

        if (await Sql.TextAsync(connection, "select has_function_privilege('pg_replication_origin_progress(text, boolean)', 'execute')::text", stop).ConfigureAwait(false) == "false")
        {
            faults.Add($"The login may not ask how much the subscription has applied: GRANT EXECUTE ON FUNCTION pg_replication_origin_progress(text, boolean) TO {connection.UserName};");
        }

        return faults;
    }
}
