using Millpond.Feeds;

namespace Millpond.Postgres.Setup;

/// <summary>Why tables cannot be followed as they are, each with the SQL that mends it.</summary>
internal static class TableFaults
{
    public static IEnumerable<string> Find(IReadOnlyList<FeedTable> tables, IReadOnlyList<TableFacts> facts) =>
        tables.SelectMany(table => facts.Where(one => one.Table == table.Name).SelectMany(one => Find(table, one)));

    private static IEnumerable<string> Find(FeedTable table, TableFacts facts)
    {
        if (facts.Oid == 0)
        {
            yield return $"There is no table {table.Name}, or this login may not know it. Correct the rule's table (with its schema, quoted where SQL wants it quoted), or: GRANT USAGE ON SCHEMA, GRANT SELECT.";
            yield break;
        }

        if (facts.Kind is not ('r' or 'p'))
        {
            yield return $"{facts.Name} is no table, so the log has no rows of it. Name the tables that it is made of.";
            yield break;
        }

        if (facts.Persistence != 'p')
        {
            yield return $"{facts.Name} is not logged, so nobody hears of its rows: ALTER TABLE {facts.Name} SET LOGGED;";
        }

        string[] missing = [.. table.Columns.Except(facts.Columns)];
        if (missing.Length > 0)
        {
            yield return $"{facts.Name} has no column {string.Join(", ", missing)}, which a rule reads. It has: {string.Join(", ", facts.Columns)}.";
            yield break;
        }

        // The root of a table in parts has no rows of its own; its parts are looked at one by one.
        if (facts.Kind == 'r' && Identity(table, facts) is { } fault)
        {
            yield return fault;
        }
    }

    private static string? Identity(FeedTable table, TableFacts facts)
    {
        if (facts.Identity != 'f' && facts.IdentityColumns.Length == 0)
        {
            return facts.KeyColumns.Length == 0
                ? $"{facts.Name} has no primary key, so published updates and deletes of it would fail: ALTER TABLE {facts.Name} ADD PRIMARY KEY (...); or ALTER TABLE {facts.Name} REPLICA IDENTITY FULL;"
                : $"{facts.Name} has no replica identity, so published updates and deletes of it would fail: ALTER TABLE {facts.Name} REPLICA IDENTITY DEFAULT;";
        }

        if (facts.TellsOld(table.Columns))
        {
            return null;
        }

        string[] hidden = [.. table.Columns.Except(facts.IdentityColumns)];
        string[] wanted = [.. facts.KeyColumns.Union(table.Columns)];
        var index = $"{facts.Name.Split('.')[^1].Trim('"')}_millpond";
        var advice = wanted.All(facts.Required.Contains) && facts.KeyColumns.Length > 0
            ? $"CREATE UNIQUE INDEX CONCURRENTLY {index} ON {facts.Name} ({string.Join(", ", wanted)}); ALTER TABLE {facts.Name} REPLICA IDENTITY USING INDEX {index};"
            : $"ALTER TABLE {facts.Name} REPLICA IDENTITY FULL;";
        return $"The log hides the old values of {string.Join(", ", hidden)} in {facts.Name}, which rules read, so what a row belonged to before would stay as it was: {advice}";
    }
}
