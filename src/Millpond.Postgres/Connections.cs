using Npgsql;
using Npgsql.Replication;

namespace Millpond.Postgres;

/// <summary>Opens the connections of a run, each its own and none from a pool: a run that ends lets go of everything.</summary>
internal sealed class Connections(PostgresFeedOptions options)
{
    // What the server is told of progress; at the longest what a killed instance leaves to be told again.
    private static readonly TimeSpan StatusPeriod = TimeSpan.FromMilliseconds(100);

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken stop)
    {
        var connection = new NpgsqlConnection(Text(connection =>
        {
            connection.CommandTimeout = Math.Max(1, (int)Math.Ceiling(options.SilenceMax.TotalSeconds));

            // A sign of life is no data of anybody's, so it need not wait for standbys.
            connection.Options = $"{connection.Options} -c synchronous_commit=local -c idle_session_timeout=0".Trim();
        }));
        try
        {
            await connection.OpenAsync(stop).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <param name="control">A connection to the server whose log it is, of the hosts that the connection string may name.</param>
    /// <param name="stop">Ends the attempt.</param>
    public async Task<LogicalReplicationConnection> OpenLogAsync(NpgsqlConnection control, CancellationToken stop)
    {
        // The server lets go of the slot when it has not heard from us for that long: an instance that hangs must not hold it (55006).
        var connection = new LogicalReplicationConnection(Text(connection =>
        {
            (connection.Host, connection.Port, connection.TargetSessionAttributes) = (control.Host, control.Port, null);
            connection.Options = $"{connection.Options} -c wal_sender_timeout={(int)options.SilenceMax.TotalMilliseconds}".Trim();
        }))
        {
            WalReceiverStatusInterval = StatusPeriod,
            WalReceiverTimeout = options.SilenceMax + options.HeartbeatPeriod,
        };
        try
        {
            await connection.Open(stop).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private string Text(Action<NpgsqlConnectionStringBuilder> change)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString) { Pooling = false, KeepAlive = 0, Multiplexing = false };
        if (string.IsNullOrEmpty(connection.ApplicationName))
        {
            connection.ApplicationName = "millpond";
        }

        change(connection);
        return connection.ConnectionString;
    }
}
