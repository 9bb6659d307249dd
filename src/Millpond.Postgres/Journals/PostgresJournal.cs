using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millpond.Journals;
using Millpond.Runtime;
using Npgsql;

namespace Millpond.Postgres.Journals;

/// <summary>
/// A journal in a table (<see cref="JournalTable"/>). Appends go through <see cref="AppendLane"/>; what reads, and the steps of the lead, use connections of a pool.
/// </summary>
internal sealed class PostgresJournal : IWriteJournal
{
    private readonly PostgresJournalOptions _options;
    private readonly Surroundings _surroundings;
    private readonly NpgsqlDataSource _pool;
    private readonly AppendLane _lane;
    private readonly LatestLead _lead;

    public PostgresJournal(PostgresJournalOptions options, Surroundings surroundings, ILoggerFactory? loggers = null)
    {
        (_options, _surroundings) = (options.Checked(), surroundings);
        _lead = new LatestLead(surroundings);
        Table = new JournalTable(options.Table, options.Trail);
        Trail = options.Trail is { } trail ? new PostgresTrail(this, Table.Trail, trail, surroundings.Time) : null;
        var opening = new JournalOpening(options, Table, surroundings, (loggers ?? NullLoggerFactory.Instance).CreateLogger("Millpond.Postgres.Journal"));
        _pool = NpgsqlDataSource.Create(opening.ConnectionText);
        _lane = new AppendLane(opening, Table, surroundings);
        Capabilities = new JournalCapabilities { Kind = "postgres", Survives = options.Survives | JournalSurvival.ProcessDeath, Reach = JournalReach.Fleet };
    }

    public JournalCapabilities Capabilities { get; }

    public IJournalTrail? Trail { get; }

    public JournalDepth Depth => _lane.Stand.Depth;

    public JournalTable Table { get; }

    public JournalStand Stand => _lane.Stand;

    public async ValueTask OpenAsync(string keyspace, CancellationToken cancellationToken)
    {
        try
        {
            await _lane.OpenAsync(keyspace, cancellationToken).ConfigureAwait(false);
        }
        catch (JournalException failure) when (failure.Failure != JournalFailure.Unfit)
        {
            throw JournalFaults.NotOpened(_options.Table, failure);
        }
    }

    public async ValueTask<long> AppendAsync(IReadOnlyList<JournalWrite> writes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(writes.Count);
        return await _surroundings.WaitAsync(_lane.AppendAsync(writes), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<JournalRecord?> FindPendingAsync(string key, CancellationToken cancellationToken) =>
        (await RowsAsync([(Table.Pending, [key])], JournalStand.RecordOf, cancellationToken).ConfigureAwait(false)).FirstOrDefault();

    public async ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(long after, int lettersMax, CancellationToken cancellationToken) =>
        await RowsAsync([(Table.Letters, [after, (long)lettersMax])], row => new DeadLetter(JournalStand.RecordOf(row), row.GetString(6)), cancellationToken).ConfigureAwait(false);

    public async ValueTask<IJournalLead?> TryLeadAsync(CancellationToken cancellationToken)
    {
        // Found first: in another history of the server tokens are skipped before one is given.
        await _surroundings.WaitAsync(_lane.AppendAsync([]), cancellationToken).ConfigureAwait(false);
        return await _lead.TryTakeAsync(holder => new PostgresLead(this, holder, _options.LeadTime, _surroundings), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks at how the journal stands.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        var asked = Stand;
        Heard((await RowsAsync([(Table.Look, [])], JournalStand.Of, stop).ConfigureAwait(false))[0], asked);
    }

    public void Heard(JournalStand stand, JournalStand asked) => _lane.Heard(stand, asked);

    /// <summary>Makes statements in one transaction, and reads the rows of the last one. Each may be made twice: where a connection of the pool is found to be dead, they are made once more on a new one.</summary>
    public async Task<List<T>> RowsAsync<T>((string Sql, object[] Parameters)[] statements, Func<NpgsqlDataReader, T> read, CancellationToken stop)
    {
        try
        {
            return await AttemptAsync(statements, read, stop).ConfigureAwait(false);
        }
        catch (JournalException lost) when (lost.Failure == JournalFailure.OutcomeUnknown && !stop.IsCancellationRequested)
        {
            _pool.Clear();
            return await AttemptAsync(statements, read, stop).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _lead.EndAsync(EndAsync);

    /// <summary>Ends as a process that is killed: nothing is given back.</summary>
    public Task AbandonAsync() => _lead.AbandonAsync(EndAsync);

    private async Task<List<T>> AttemptAsync<T>((string Sql, object[] Parameters)[] statements, Func<NpgsqlDataReader, T> read, CancellationToken stop)
    {
        NpgsqlConnection connection;
        try
        {
            connection = await _pool.OpenConnectionAsync(stop).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw JournalFaults.Away(_options.Table, failure);
        }

        await using var ends = connection.ConfigureAwait(false);
        try
        {
            using var batch = new NpgsqlBatch(connection);
            foreach (var (sql, parameters) in statements)
            {
                var command = new NpgsqlBatchCommand(sql);
                command.Parameters.AddRange(Array.ConvertAll(parameters, parameter => new NpgsqlParameter { Value = parameter }));
                batch.BatchCommands.Add(command);
            }

            var row = await batch.ExecuteReaderAsync(stop).ConfigureAwait(false);
            await using var rowEnds = row.ConfigureAwait(false);
            for (var i = 1; i < statements.Length; i++)
            {
                await row.NextResultAsync(stop).ConfigureAwait(false);
            }

            List<T> rows = [];
            while (await row.ReadAsync(stop).ConfigureAwait(false))
            {
                rows.Add(read(row));
            }

            return rows;
        }
        catch (NpgsqlException failure)
        {
            throw JournalFaults.Of(_options.Table, failure);
        }
    }

    private async Task EndAsync()
    {
        await _lane.DisposeAsync().ConfigureAwait(false);
        await _pool.DisposeAsync().ConfigureAwait(false);
    }
}
