using System.Globalization;
using Microsoft.Data.Sqlite;
using Millpond.Feeds;
using Millpond.Runtime;
using static Millpond.Sqlite.Setup.ChangeLogNames;

namespace Millpond.Sqlite.Setup;

/// <summary>What a run finds, and where it begins.</summary>
/// <param name="Confirmed">Up to which change was confirmed.</param>
/// <param name="History">Names the log's history.</param>
/// <param name="Doubts">What is not known of before.</param>
internal sealed record Beginning(long Confirmed, string History, IReadOnlyList<FeedDoubt> Doubts);

/// <summary>Makes log, state and triggers where they are missing or other than they should be, and says what may have been missed without them.</summary>
internal sealed class Preparation(string feed, ChangeLogNames names, SqliteFeedOptions options, ChangeWriter writer, SqliteConnection connection, Surroundings surroundings)
{
    /// <param name="tables">The tables to follow.</param>
    /// <param name="confirmedBefore">What the file beside the database says was confirmed; 0 if it says nothing.</param>
    public Beginning Make(IReadOnlyList<FeedTable> tables, long confirmedBefore)
    {
        Check(tables);
        try
        {
            return Sql.Within(connection, () => MakeWithin(tables, confirmedBefore));
        }
        catch (SqliteException refused) when (refused.SqliteErrorCode is 8 or 3)
        {
            throw FeedFaults.Unfit(feed, [$"The database at {options.Path} cannot be written ({refused.Message}). The feed keeps its log and its triggers there; give the process the right to write."], refused);
        }
    }

    /// <summary>Puts back what of the triggers is missing or other than it should be.</summary>
    /// <returns>The tables whose changes may have been missed.</returns>
    public IReadOnlyList<FeedTable> MakeTriggers(IReadOnlyList<FeedTable> tables)
    {
        if (writer == ChangeWriter.Outbox)
        {
            return [];
        }

        var found = Sql.AskAll(connection, $"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, {names.TriggerPrefix.Length}) = {Literal(names.TriggerPrefix)}", row => (Name: row.GetString(0), Text: row.GetString(1)))
            .ToDictionary(one => one.Name, one => one.Text, StringComparer.Ordinal);
        List<FeedTable> missed = [];
        foreach (var table in tables)
        {
            var wanted = new TableTriggers(names, table, TableTriggers.UniquesOf(connection, Plain(table.Name))).All;
            if (wanted.All(one => found.GetValueOrDefault(one.Name) == one.Text))
            {
                continue;
            }

            missed.Add(table);
            foreach (var (name, text) in wanted)
            {
                Sql.Run(connection, $"DROP TRIGGER IF EXISTS {Quoted(name)}");
                Sql.Run(connection, text);
            }
        }

        return missed;
    }

    /// <summary>The newest number that the log has given out; rows that are gone count.</summary>
    public static long NewestOf(SqliteConnection connection, ChangeLogNames names) =>
        Sql.Ask<long>(connection, $"SELECT seq FROM sqlite_sequence WHERE name = {Literal(names.Log)}");

    private Beginning MakeWithin(IReadOnlyList<FeedTable> tables, long confirmedBefore)
    {
        Sql.Run(connection, names.CreateLog);
        Sql.Run(connection, $"CREATE TABLE IF NOT EXISTS {names.State}(history TEXT NOT NULL, confirmed INTEGER NOT NULL)");
        var trim = $"{names.TriggerPrefix}log";
        Sql.Run(connection, $"DROP TRIGGER IF EXISTS {trim}");
        Sql.Run(connection, string.Create(CultureInfo.InvariantCulture, $"CREATE TRIGGER {trim} AFTER INSERT ON {names.Log} BEGIN DELETE FROM {names.Log} WHERE seq <= NEW.seq - {options.ChangesKeptMax}; END"));
        var missed = MakeTriggers(tables);
        var newest = NewestOf(connection, names);
        var state = Sql.AskAll(connection, $"SELECT history, confirmed FROM {names.State}", row => (History: row.GetString(0), Confirmed: row.GetInt64(1))).SingleOrDefault();
        if (state.History is null)
        {
            return Anew(newest, new FeedDoubt(null, FeedDoubtReason.Beginning, "The feed has only begun to follow this database: what changed before is not known."));
        }

        if (newest < state.Confirmed || state.Confirmed < confirmedBefore)
        {
            return Anew(newest, new FeedDoubt(null, FeedDoubtReason.OtherHistory, $"The database is older than what was confirmed of it ({Math.Max(state.Confirmed, confirmedBefore)}): it was restored from a copy."));
        }

        var oldest = Sql.Ask<long>(connection, $"SELECT coalesce(min(seq), 0) FROM {names.Log}");
        if (newest > state.Confirmed && (oldest == 0 || oldest > state.Confirmed + 1))
        {
            return new Beginning(newest, state.History, [new FeedDoubt(null, FeedDoubtReason.Gap, $"Nobody followed for longer than the log's {options.ChangesKeptMax} changes (ChangesKeptMax), or the log was emptied.")]);
        }

        return new Beginning(state.Confirmed, state.History, [.. missed.Select(Missed)]);
    }

    public static FeedDoubt Missed(FeedTable table) =>
        new(table.Name, FeedDoubtReason.Gap, $"The triggers on {table.Name} were missing or other than the rules want, and have been made anew: what changed meanwhile is not known.");

    private Beginning Anew(long newest, FeedDoubt doubt)
    {
        var nonce = surroundings.NextNonce();
        var history = string.Create(CultureInfo.InvariantCulture, $"{nonce.High:x16}{nonce.Low:x16}");
        Sql.Run(connection, $"DELETE FROM {names.State}");
        Sql.Run(connection, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO {names.State} VALUES ('{history}', {newest})"));
        return new Beginning(newest, history, [doubt]);
    }

    /// <summary>Where programs write what changed, only they need know the tables, which may be in another database.</summary>
    public void Check(IReadOnlyList<FeedTable> tables)
    {
        if (writer == ChangeWriter.Outbox)
        {
            return;
        }

        List<string> faults = [];
        foreach (var table in tables)
        {
            var plain = Plain(table.Name);
            var columns = Sql.AskAll(connection, $"SELECT name FROM pragma_table_xinfo({Literal(plain)})", row => row.GetString(0));
            var type = Sql.Ask<string>(connection, $"SELECT type FROM sqlite_master WHERE name = {Literal(plain)} COLLATE NOCASE");
            if (type != "table")
            {
                faults.Add(type is null ? $"There is no table {table.Name}." : $"{table.Name} is a {type}; only tables have changes. Name the tables that it is made of.");
                continue;
            }

            faults.AddRange(table.Columns.Where(column => !columns.Contains(column, StringComparer.OrdinalIgnoreCase)).Select(column => $"Table {table.Name} has no column {column}; it has {string.Join(", ", columns)}."));
        }

        if (faults.Count > 0)
        {
            throw FeedFaults.Unfit(feed, faults);
        }
    }
}
