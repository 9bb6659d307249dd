using System.Globalization;
using Millpond.Feeds;
using Millpond.Postgres.Setup;
using Millpond.Shared;
using Npgsql;

namespace Millpond.Postgres.Outboxes;

/// <summary>Where draining begins.</summary>
/// <param name="Confirmed">The number of the look that was confirmed last.</param>
/// <param name="History">Names the server's and the table's history.</param>
/// <param name="File">The file that holds the table: another one when all its rows were taken away at once.</param>
/// <param name="Doubt">What is not known of before; null if nothing is missing.</param>
internal sealed record OutboxBeginning(long Confirmed, string History, long File, FeedDoubt? Doubt);

/// <summary>Makes an outbox's tables where they are missing, and says whether what they hold is all that there was.</summary>
internal sealed class OutboxTable(PostgresOutbox outbox, NpgsqlConnection session)
{
    private const int OldestMajor = 14;

    public async Task<OutboxBeginning> PrepareAsync(Nonce nonce, CancellationToken stop)
    {
        await MakeAsync(stop).ConfigureAwait(false);
        var file = await FileAsync(stop).ConfigureAwait(false);
        var server = await ServerAsync(stop).ConfigureAwait(false);
        var states = await Sql.RowsAsync(session, $"select history, confirmed from {outbox.State}", row => (History: row.GetString(0), Confirmed: row.GetInt64(1)), stop).ConfigureAwait(false);
        if (states is [var state] && state.History.StartsWith(server + "/", StringComparison.Ordinal) && state.History.EndsWith(string.Create(CultureInfo.InvariantCulture, $"/{file}"), StringComparison.Ordinal))
        {
            return new OutboxBeginning(state.Confirmed, state.History, file, null);
        }

        var history = string.Create(CultureInfo.InvariantCulture, $"{server}/{nonce}/{file}");
        await BeginAnewAsync(history, ofThisServer: states is [] || states[0].History.StartsWith(server + "/", StringComparison.Ordinal), stop).ConfigureAwait(false);
        return new OutboxBeginning(0, history, file, states is [] ? new FeedDoubt(null, FeedDoubtReason.Beginning, $"The feed has only begun to drain {outbox.Table}: what changed before is not known.")
            : !states[0].History.StartsWith(server + "/", StringComparison.Ordinal)
                ? new FeedDoubt(null, FeedDoubtReason.OtherHistory, $"{outbox.Table} is on another server or timeline than it was: the database failed over or was restored.")
                : new FeedDoubt(null, FeedDoubtReason.Gap, $"{outbox.Table} was emptied, made anew or rewritten: what it held is not known."));
    }

    /// <summary>The number of the file that holds the table now.</summary>
    public async Task<long> FileAsync(CancellationToken stop) =>
        long.Parse(await Sql.TextAsync(session, "select coalesce(pg_relation_filenode(to_regclass($1)), 0)::text", stop, outbox.Table).ConfigureAwait(false), CultureInfo.InvariantCulture);

    private async Task MakeAsync(CancellationToken stop)
    {
        List<string> faults = [];
        if (session.PostgreSqlVersion.Major < OldestMajor)
        {
            faults.Add($"The server is PostgreSQL {session.PostgreSqlVersion}; {OldestMajor} or later is needed.");
        }

        if (await Sql.TextAsync(session, "select pg_is_in_recovery()::text", stop).ConfigureAwait(false) == "true")
        {
            faults.Add("The server is a standby. Connect to the primary (Target Session Attributes=primary).");
        }
        else if (faults.Count == 0)
        {
            faults.AddRange(await TryMakeAsync(stop).ConfigureAwait(false));
        }

        if (faults.Count > 0)
        {
            throw FeedFaults.Unfit(outbox.Feed, faults);
        }
    }

    // Only where something is missing: a login that may not make tables drains those that others made.
    private async Task<List<string>> TryMakeAsync(CancellationToken stop)
    {
        try
        {
            if (await Sql.TextAsync(session, "select (to_regclass($1) is not null and to_regclass($2) is not null)::text", stop, outbox.Table, outbox.State).ConfigureAwait(false) == "false")
            {
                await Sql.RunAsync(session, outbox.CreateScript, null, stop).ConfigureAwait(false);
            }

            var mayDrain = await Sql.TextAsync(session, "select (has_table_privilege($1, 'select, delete') and has_table_privilege($2, 'select') and has_table_privilege($2, 'insert') and has_table_privilege($2, 'update') and has_table_privilege($2, 'delete'))::text", stop, outbox.Table, outbox.State).ConfigureAwait(false);
            return mayDrain == "true" ? [] : [$"This login may not drain the outbox: GRANT SELECT, DELETE ON {outbox.Table} TO {session.UserName}; GRANT SELECT, INSERT, UPDATE, DELETE ON {outbox.State} TO {session.UserName};"];
        }
        catch (PostgresException refused) when (refused.SqlState is "42501" or "3F000")
        {
            return [$"The tables of the outbox are not there, and this login may not make them ({refused.MessageText}): {outbox.CreateScript}"];
        }
    }

    /// <summary>Which server this is, and which of its timelines. A server that does not say is told apart by the rest alone.</summary>
    private async Task<string> ServerAsync(CancellationToken stop)
    {
        try
        {
            return await Sql.TextAsync(session, "select system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) from pg_control_system()", stop).ConfigureAwait(false);
        }
        catch (PostgresException hidden) when (hidden.SqlState is "42501" or "42883" or "0A000")
        {
            return "unknown/server";
        }
    }

    private async Task BeginAnewAsync(string history, bool ofThisServer, CancellationToken stop)
    {
        // The numbers of transactions mean nothing on another server: rows that were copied from one could stay invisible for ever. Everything is doubted anyway.
        var forget = ofThisServer ? "" : $"delete from {outbox.Table};";
        await Sql.RunAsync(session, $"begin; {forget} delete from {outbox.State}; insert into {outbox.State} values ('{history}', 0); commit;", timeout: 0, stop).ConfigureAwait(false);
    }
}
