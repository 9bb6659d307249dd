namespace Millpond.Sqlite.Setup;

/// <summary>What a feed's tables and triggers are called. Each feed has its own, so that two programs with other rules do not touch each other's.</summary>
internal sealed class ChangeLogNames(string feed)
{
    private readonly string _feed = string.Concat(feed.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_'));

    /// <summary>What changed: a number, the table, what happened, which columns, and their values before and after.</summary>
    public string Log => $"millpond_{_feed}";

    public string CreateLog =>
        $"CREATE TABLE IF NOT EXISTS {Log}(seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT NOT NULL, kind TEXT NOT NULL, cols TEXT NOT NULL, old TEXT, new TEXT, at INTEGER DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)))";

    /// <summary>One row: the history's name, and up to where was confirmed.</summary>
    public string State => $"millpond_{_feed}_state";

    public string TriggerPrefix => $"millpond_{_feed}_on_";

    /// <summary>A name as SQL quotes it.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text as SQL quotes it.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A table as the database knows it.</summary>
    public static string Plain(string table) => table.StartsWith("main.", StringComparison.OrdinalIgnoreCase) ? table[5..] : table;
}
