using Millpond.Feeds;
using Npgsql;

namespace Millpond.Postgres.Setup;

/// <summary>What the catalogue says of one table that rules follow, or of one part of it.</summary>
/// <param name="Table">Its name as the rules give it.</param>
/// <param name="Name">Its name as PostgreSQL writes it; a part's is another than the table's.</param>
/// <param name="Oid">Its number, by which the log names it. 0 if there is none of the name.</param>
/// <param name="Kind">What it is: <c>r</c> a table, <c>p</c> one that is cut into parts.</param>
/// <param name="Persistence">Whether it is logged: <c>p</c>.</param>
/// <param name="Identity">Its replica identity: default, an index, full, nothing.</param>
/// <param name="File">The number of the file that holds it, another one after each rewrite.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Required">Those that cannot be null.</param>
/// <param name="KeyColumns">Those of its primary key.</param>
/// <param name="IdentityColumns">Those whose old values the log has.</param>
internal sealed record TableFacts(
    string Table, string Name, uint Oid, char Kind, char Persistence, char Identity, long File, string[] Columns, string[] Required, string[] KeyColumns, string[] IdentityColumns)
{
    // Tables by name, then the leaves of those that are cut into parts. What is not there comes with a number of 0.
    private const string Query = """
        with named as (select name, to_regclass(name)::oid as root from unnest($1::text[]) as name),
             listed as (select name, root as oid from named
                        union all
                        select name, part.relid from named, pg_partition_tree(root) as part where part.isleaf and part.relid <> root)
        select listed.name, coalesce(listed.oid::regclass::text, ''), coalesce(c.oid, 0)::bigint, coalesce(c.relkind, ' ')::text, coalesce(c.relpersistence, ' ')::text, coalesce(c.relreplident, ' ')::text,
               coalesce(pg_relation_filenode(c.oid), 0)::bigint,
               array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum),
               array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull order by a.attnum),
               array(select a.attname::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey) where i.indrelid = c.oid and i.indisprimary order by a.attnum),
               array(select a.attname::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
                     where i.indrelid = c.oid and ((c.relreplident = 'd' and i.indisprimary) or (c.relreplident = 'i' and i.indisreplident)) order by a.attnum)
        from listed left join pg_class c on c.oid = listed.oid
        order by listed.name, c.oid
        """;

    /// <summary>Whether the log has the old values of all these columns.</summary>
    public bool TellsOld(IEnumerable<string> columns) => Identity == 'f' || columns.All(IdentityColumns.Contains);

    public static Task<List<TableFacts>> ReadAsync(NpgsqlConnection connection, IReadOnlyList<FeedTable> tables, CancellationToken stop) => Sql.RowsAsync(
        connection,
        Query,
        row => new TableFacts(
            row.GetString(0), row.GetString(1), (uint)row.GetInt64(2), row.GetString(3)[0], row.GetString(4)[0], row.GetString(5)[0], row.GetInt64(6),
            row.GetFieldValue<string[]>(7), row.GetFieldValue<string[]>(8), row.GetFieldValue<string[]>(9), row.GetFieldValue<string[]>(10)),
        stop,
        (object)tables.Select(table => table.Name).ToArray());
}
