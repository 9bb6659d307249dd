using Millpond.Feeds;
using Npgsql;

namespace Millpond.Postgres.Setup;

/// <summary>Sees to it that a publication publishes every change of the tables that rules follow. It publishes whole rows: a list of columns that misses one of the replica identity would make the application's
/// updates fail.</summary>
internal sealed class Publication(string name, NpgsqlConnection connection)
{
    private const string InsufficientPrivilege = "42501";

    /// <summary>Makes or extends it; what it may not mend is returned as faults.</summary>
    public async Task<List<string>> EnsureAsync(IReadOnlyList<FeedTable> tables, IReadOnlyList<TableFacts> facts, CancellationToken stop)
    {
        TableFacts[] roots = [.. tables.Select(table => facts.First(one => one.Table == table.Name))];
        if (await ReadAsync(stop).ConfigureAwait(false) is not { } found)
        {
            var create = $"CREATE PUBLICATION {name} FOR TABLE {string.Join(", ", roots.Select(root => root.Name))} WITH (publish_via_partition_root = true);";
            return await TryAsync(create, $"There is no publication {name}, and this login may not make it", stop).ConfigureAwait(false);
        }

        List<string> faults = [];
        if (!found.PublishesAll)
        {
            faults.Add($"Publication {name} leaves out some kinds of changes: ALTER PUBLICATION {name} SET (publish = 'insert, update, delete, truncate');");
        }

        if (!found.AsRoot && roots.Any(root => root.Kind == 'p'))
        {
            faults.Add($"Publication {name} names the parts of tables and not the tables: ALTER PUBLICATION {name} SET (publish_via_partition_root = true);");
        }

        var published = await TablesAsync(stop).ConfigureAwait(false);
        foreach (var root in roots)
        {
            if (!published.TryGetValue(root.Oid, out var how))
            {
                faults.AddRange(await TryAsync($"ALTER PUBLICATION {name} ADD TABLE {root.Name};", $"Publication {name} does not have {root.Name}, and this login may not add it", stop).ConfigureAwait(false));
            }
            else if (how.IsFiltered)
            {
                faults.Add($"Publication {name} has only some rows of {root.Name}; who changes the others is not heard: publish it without WHERE.");
            }
            else if (tables.First(table => table.Name == root.Table).Columns.Except(how.Columns).ToArray() is { Length: > 0 } hidden)
            {
                faults.Add($"Publication {name} leaves out column {string.Join(", ", hidden)} of {root.Name}, which rules read: publish it without a list of columns.");
            }
        }

        return faults;
    }

    private async Task<(bool PublishesAll, bool AsRoot)?> ReadAsync(CancellationToken stop) =>
        await Sql.RowsAsync<(bool, bool)?>(
            connection, "select pubinsert and pubupdate and pubdelete and pubtruncate, pubviaroot from pg_publication where pubname = $1", row => (row.GetBoolean(0), row.GetBoolean(1)), stop, name).ConfigureAwait(false)
            is [var found] ? found : null;

    // Row filters and lists of columns exist from 15 on; before, whole rows are published.
    private async Task<Dictionary<uint, (string[] Columns, bool IsFiltered)>> TablesAsync(CancellationToken stop)
    {
        var more = connection.PostgreSqlVersion.Major >= 15 ? "p.attnames::text[], p.rowfilter is not null" : "array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), false";
        var rows = await Sql.RowsAsync(
            connection,
            $"select c.oid::bigint, {more} from pg_publication_tables p join pg_namespace n on n.nspname = p.schemaname join pg_class c on c.relnamespace = n.oid and c.relname = p.tablename where p.pubname = $1",
            row => (Oid: (uint)row.GetInt64(0), Columns: row.GetFieldValue<string[]>(1), IsFiltered: row.GetBoolean(2)),
            stop,
            name).ConfigureAwait(false);
        return rows.ToDictionary(row => row.Oid, row => (row.Columns, row.IsFiltered));
    }

    private async Task<List<string>> TryAsync(string sql, string otherwise, CancellationToken stop)
    {
        try
        {
            await Sql.RunAsync(connection, sql, null, stop).ConfigureAwait(false);
            return [];
        }
        catch (PostgresException refused) when (refused.SqlState == InsufficientPrivilege)
        {
            return [$"{otherwise}: {sql}"];
        }
    }
}
