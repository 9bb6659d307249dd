using System.Globalization;
using Microsoft.Extensions.Logging;
using Millpond.Journals;
using Millpond.Postgres.Setup;
using Millpond.Runtime;
using Npgsql;

namespace Millpond.Postgres.Journals;

/// <summary>A connection on which appends are made, to a server that is known to keep what was asked for, with the journal found there.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="History">Names the server and its timeline.</param>
/// <param name="Stand">How the journal stood.</param>
internal sealed record OpenedJournal(NpgsqlConnection Connection, string History, JournalStand Stand);

/// <summary>
/// Makes a journal's tables where they are missing, and goes on with it in whatever history the server has. In another history than it was written in, or where it ends before what this process knows of, it may be an older copy: positions
/// and tokens are then skipped, more than could have been given since, so that none is given twice and nobody who led before leads still.
/// </summary>
internal sealed class JournalOpening(PostgresJournalOptions options, JournalTable table, Surroundings surroundings, ILogger log)
{
    private const long Skip = 1L << 32;

    private const int OldestMajor = 14;

    // All that are made again and again; planning some takes longer than making them.
    private const int Statements = 16;

    // What is planned once is planned while the table is empty, and a look at all of it costs nothing then. What costs so much that it is avoided is not to be compiled either.
    private const string Plans = "-c enable_seqscan=off -c jit=off";

    /// <summary>What every connection of the journal is made with.</summary>
    public string ConnectionText
    {
        get
        {
            var text = new NpgsqlConnectionStringBuilder(options.ConnectionString) { Multiplexing = false, Enlist = false };
            text.MaxAutoPrepare = text.MaxAutoPrepare > 0 ? text.MaxAutoPrepare : Statements;
            text.ApplicationName = string.IsNullOrEmpty(text.ApplicationName) ? "millpond" : text.ApplicationName;
            text.Options = $"{text.Options} -c synchronous_commit={Commit} {Plans}".Trim();
            return text.ConnectionString;
        }
    }

    // Not less than the server's own disk: a crash would take positions back within one history.
    private string Commit => options.Asks(JournalSurvival.MachineLoss) ? "on" : "local";

    public async Task<OpenedJournal> OpenAsync(string keyspace, JournalStand known, CancellationToken stop)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionText) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(stop).ConfigureAwait(false);
            await CheckAsync(connection, stop).ConfigureAwait(false);
            var history = await HistoryAsync(connection, stop).ConfigureAwait(false);
            await FindAsync(connection, keyspace, history, known, stop).ConfigureAwait(false);
            var stand = await Sql.RowsAsync(connection, table.Look, JournalStand.Of, stop).ConfigureAwait(false);
            if (known.Identity.Length > 0 && known.Identity != stand[0].Identity)
            {
                JournalLog.Gone(log, table.Name, known.Depth.Records, null);
            }

            return new OpenedJournal(connection, history, stand[0]);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task CheckAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        List<string> faults = [];
        Check(connection.PostgreSqlVersion.Major < OldestMajor, $"the server is PostgreSQL {connection.PostgreSqlVersion}; {OldestMajor} or later is needed");
        Check(await SettingAsync("pg_is_in_recovery()::text").ConfigureAwait(false) == "true", "the server is a standby; connect to the primary (Target Session Attributes=primary)");
        Check(await SettingAsync("current_setting('synchronous_commit')").ConfigureAwait(false) != Commit, $"what stands between takes synchronous_commit={Commit} away; connect directly, or to a pool of sessions");
        if (options.Asks(JournalSurvival.PowerLoss))
        {
            Check(await SettingAsync("current_setting('fsync')").ConfigureAwait(false) != "on", "fsync is off, so the loss of power would lose writes");
            Check(await SettingAsync("current_setting('full_page_writes')").ConfigureAwait(false) != "on", "full_page_writes is off, so the loss of power may leave torn pages");
        }

        if (options.Asks(JournalSurvival.MachineLoss))
        {
            Check(await SettingAsync("current_setting('synchronous_standby_names')").ConfigureAwait(false) == "", "synchronous_standby_names is empty, so no standby is waited for");
        }

        if (faults.Count > 0)
        {
            throw JournalFaults.Unfit(table.Name, $"{string.Join("; ", faults)}. Set the server up for what {nameof(options.Survives)} asks ({options.Survives}), or ask for less.");
        }

        Task<string> SettingAsync(string what) => Sql.TextAsync(connection, $"select {what}", stop);

        void Check(bool isFault, string fault)
        {
            if (isFault)
            {
                faults.Add(fault);
            }
        }
    }

    private async Task<string> HistoryAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        try
        {
            return await Sql.TextAsync(connection, "select system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) from pg_control_system()", stop).ConfigureAwait(false);
        }
        catch (PostgresException hidden) when (hidden.SqlState is "42501" or "42883" or "0A000")
        {
            throw JournalFaults.Unfit(table.Name, $"the server does not say which it is ({hidden.MessageText}), so a failover that loses writes would not be noticed: GRANT EXECUTE ON FUNCTION pg_control_system() TO {connection.UserName};", hidden);
        }
    }

    private async Task FindAsync(NpgsqlConnection connection, string keyspace, string history, JournalStand known, CancellationToken stop)
    {
        var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using var ends = transaction.ConfigureAwait(false);
        await Sql.RunAsync(connection, JournalTable.LockOpening, null, stop, table.Name).ConfigureAwait(false);
        await MakeTablesAsync(connection, stop).ConfigureAwait(false);
        if (!table.HasTrail && await IsAsync(connection, $"select {table.Trail.IsHeadThere}", stop).ConfigureAwait(false))
        {
            await Sql.RunAsync(connection, table.Trail.Interrupt, null, stop).ConfigureAwait(false);
        }

        var heads = await Sql.RowsAsync(connection, table.Head, row => (Keyspace: row.GetString(0), History: row.GetString(2), Last: row.GetInt64(3)), stop).ConfigureAwait(false);
        if (heads is [])
        {
            if (await IsAsync(connection, table.HasRecords, stop).ConfigureAwait(false))
            {
                throw JournalFaults.Unfit(table.Name, $"{table.Name}_head is empty and {table.Name} is not: somebody deleted from the one and not from the other. What is left was acknowledged: save it, then empty both.");
            }

            await Sql.RunAsync(connection, table.Make, null, stop, keyspace, surroundings.NextNonce().ToString(), history, known.Last).ConfigureAwait(false);
            await Sql.RunAsync(connection, table.MakeLead, null, stop, known.Last).ConfigureAwait(false);
        }
        else if (heads[0].Keyspace != keyspace)
        {
            throw JournalFaults.Unfit(table.Name, $"it is of keyspace '{heads[0].Keyspace}' and was opened for '{keyspace}'. Give each keyspace a journal of its own.");
        }
        else if (heads[0].History != history || heads[0].Last < known.Last)
        {
            await Sql.RunAsync(connection, table.Resume, null, stop, history, known.Last, Skip, known.Step).ConfigureAwait(false);
            await Sql.RunAsync(connection, table.EndLead, null, stop, Skip).ConfigureAwait(false);
            JournalLog.Resumed(log, table.Name, heads[0].Last, known.Last, null);
        }

        await transaction.CommitAsync(stop).ConfigureAwait(false);
    }

    private static async Task<bool> IsAsync(NpgsqlConnection connection, string question, CancellationToken stop) => (await Sql.RowsAsync(connection, question, row => row.GetBoolean(0), stop).ConfigureAwait(false))[0];

    // Only where something is missing: a login that may not make tables uses those that others made.
    private async Task MakeTablesAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        try
        {
            if (!await IsAsync(connection, table.IsThere, stop).ConfigureAwait(false))
            {
                await Sql.RunAsync(connection, table.Create, null, stop).ConfigureAwait(false);
            }
        }
        catch (PostgresException refused) when (refused.SqlState is "42501" or "3F000")
        {
            throw JournalFaults.Unfit(table.Name, string.Create(CultureInfo.InvariantCulture, $"its tables are not there, and this login may not make them ({refused.MessageText}): {table.Create}"), refused);
        }
    }
}
