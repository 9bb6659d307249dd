using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Millpond.Postgres.Regions;

/// <summary>Asks databases where they stand, on connections of a pool of its own: any thread may, also in a process that does not follow.</summary>
internal sealed class Positions(PostgresFeedOptions options) : IAsyncDisposable
{
    /// <summary>The number, the timeline and the end of the log. Asked in a statement of its own, it is no earlier than any commit that a snapshot of before shows.</summary>
    public const string OfHome =
        "select system_identifier, ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint, pg_current_wal_insert_lsn() from pg_control_system()";

    // Which home it is says the newest beacon; how far, what the subscription has applied, which is written down before it can be seen.
    private const string OfReplica = $"""
        select b.system, b.timeline, (select max(pg_replication_origin_progress('pg_' || oid, false)) from pg_subscription where subdbid = (select oid from pg_database where datname = current_database()))
        from {Beacons.Table} b order by b.timeline desc, b.place desc limit 1
        """;

    private readonly Lazy<NpgsqlDataSource> _here = new(() => NewPool(options.ConnectionString, options.SilenceMax));
    private readonly Lazy<NpgsqlDataSource> _home = new(() => NewPool(options.Home ?? options.ConnectionString, options.SilenceMax));

    public ValueTask<HomePosition> HomeAsync(CancellationToken cancellationToken) => AskAsync(_home.Value, OfHome, cancellationToken);

    public ValueTask<HomePosition> HereAsync(CancellationToken cancellationToken) =>
        options.Home is null ? HomeAsync(cancellationToken) : AskAsync(_here.Value, OfReplica, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var pool in new[] { _here, _home }.Where(pool => pool.IsValueCreated))
        {
            await pool.Value.DisposeAsync().ConfigureAwait(false);
        }
    }

    public static HomePosition Read(NpgsqlDataReader row) => new(unchecked((ulong)row.GetInt64(0)), (uint)row.GetInt64(1), (ulong)row.GetFieldValue<NpgsqlLogSequenceNumber>(2));

    // Two: one that asks, and one for who comes when that one has just broken.
    private static NpgsqlDataSource NewPool(string connectionString, TimeSpan patience) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
    {
        Pooling = true,
        MinPoolSize = 0,
        MaxPoolSize = 2,
        CommandTimeout = Math.Max(1, (int)Math.Ceiling(patience.TotalSeconds)),
    });

    private static async ValueTask<HomePosition> AskAsync(NpgsqlDataSource pool, string question, CancellationToken cancellationToken)
    {
        var command = pool.CreateCommand(question);
        await using var commandEnds = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var rowEnds = row.ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false) && !await row.IsDBNullAsync(2, cancellationToken).ConfigureAwait(false)
            ? Read(row)
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"no beacon of the home database has come to this replica yet, or nothing of its log: is {Beacons.Table} in the publication, and the subscription enabled?"));
    }
}
