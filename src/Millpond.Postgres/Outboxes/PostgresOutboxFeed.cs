using Millpond.Feeds;
using Millpond.Postgres.Setup;
using Millpond.Runtime;
using Npgsql;

namespace Millpond.Postgres.Outboxes;

/// <summary>
/// Drains an outbox: a table that programs write to in the transactions that change the rows.
/// </summary>
/// <remarks>
/// <para>
/// <em>Nothing is skipped.</em> Numbers are given out when a row is written and not when it is committed, so whoever remembers the highest one that he has read misses what commits later with a lower one. What is remembered here is a
/// snapshot: a look reads every row whose transaction the snapshot of the look before did not show, however long ago it was written. So a transaction that stays open for an hour is told when it commits, and holds up nobody.
/// </para>
/// <para>
/// <em>Nothing is early</em> (A67). What a look finds is visible to it, and so to every load that begins later on the same server; nothing is applied twice.
/// </para>
/// <para>
/// <em>Nothing is confirmed that was not applied.</em> The rows that a look had found, and those before it, are deleted when the sink has confirmed that look; whoever comes next finds the others still there. Within a look the order of commits is not known and does
/// not matter, so a look is one transaction of the feed.
/// </para>
/// <para>
/// Of several instances one drains: whoever has the session's lock (<c>pg_try_advisory_lock</c>). The server ends a session that is silent for too long, so an instance that hangs loses it.
/// </para>
/// </remarks>
internal sealed class PostgresOutboxFeed(PostgresOutbox outbox, PostgresOutboxOptions options, Surroundings surroundings) : IChangeFeed
{
    // How soon an instance that stands by notices that the lock is free.
    private static readonly TimeSpan StandbyPeriod = TimeSpan.FromMilliseconds(200);

    public async Task FollowAsync(IFeedSink sink, CancellationToken stop)
    {
        sink.OnState(FeedState.Connecting, "connecting to the database.");
        var session = await OpenAsync(stop).ConfigureAwait(false);
        await using var sessionEnds = session.ConfigureAwait(false);
        while (!await TryLockAsync(session, stop).ConfigureAwait(false))
        {
            sink.OnState(FeedState.Standby, $"another instance drains {outbox.Table}.");
            await surroundings.Delay(StandbyPeriod * (0.75 + (0.5 * surroundings.NextDouble())), stop).ConfigureAwait(false);
        }

        var begin = await new OutboxTable(outbox, session).PrepareAsync(surroundings.NextNonce(), stop).ConfigureAwait(false);
        await Sql.RunAsync(session, $"listen {outbox.Channel}", null, stop).ConfigureAwait(false);
        sink.StartAt(new FeedPosition((ulong)begin.Confirmed), begin.History);
        sink.OnState(FeedState.Following, $"table {outbox.Table}.");
        await new PostgresOutboxRun(outbox, sink, session, begin, options, surroundings).FollowAsync(stop).ConfigureAwait(false);
    }

    private async Task<bool> TryLockAsync(NpgsqlConnection session, CancellationToken stop) =>
        await Sql.TextAsync(session, "select pg_try_advisory_lock(hashtextextended('millpond outbox ' || $1, 0))::text", stop, outbox.Table).ConfigureAwait(false) == "true";

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken stop)
    {
        var silenceMax = (int)options.SilenceMax.TotalMilliseconds;
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Pooling = false, KeepAlive = 0, Multiplexing = false, Enlist = false, CommandTimeout = Math.Max(1, (int)Math.Ceiling(options.SilenceMax.TotalSeconds)),
        };
        if (string.IsNullOrEmpty(connection.ApplicationName))
        {
            connection.ApplicationName = "millpond";
        }

        // What is deleted is confirmed already, so it need not wait for standbys. The second time-out is for an instance that hangs while it is being told something.
        connection.Options = $"{connection.Options} -c synchronous_commit=local -c idle_session_timeout={silenceMax} -c tcp_user_timeout={silenceMax}".Trim();
        var session = new NpgsqlConnection(connection.ConnectionString);
        try
        {
            await session.OpenAsync(stop).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
