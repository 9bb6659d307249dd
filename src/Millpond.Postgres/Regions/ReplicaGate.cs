using Millpond.Postgres.Setup;
using Npgsql;

namespace Millpond.Postgres.Regions;

/// <summary>How far the standbys have replayed that loads read from: a change is visible when the slowest of them shows it (rule 8). One that cannot be asked shows nothing new.</summary>
internal sealed class ReplicaGate(IReadOnlyList<Connections> standbys) : IAsyncDisposable
{
    // One that was promoted, or is no standby, shows whatever it has.
    private const string Question = "select case when pg_is_in_recovery() then (coalesce(pg_last_wal_replay_lsn(), '0/0') - '0/0')::text else '18446744073709551615' end";

    private readonly NpgsqlConnection?[] _connections = new NpgsqlConnection?[standbys.Count];

    /// <summary>The place up to which all of them show everything.</summary>
    public async ValueTask<ulong> ShownAsync(CancellationToken stop)
    {
        var shown = ulong.MaxValue;
        for (var i = 0; i < _connections.Length && shown > 0; i++)
        {
            shown = Math.Min(shown, await AskAsync(i, stop).ConfigureAwait(false));
        }

        return shown;
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < _connections.Length; i++)
        {
            await LetGoAsync(i).ConfigureAwait(false);
        }
    }

    private async ValueTask<ulong> AskAsync(int number, CancellationToken stop)
    {
        try
        {
            var connection = _connections[number] ??= await standbys[number].OpenAsync(stop).ConfigureAwait(false);
            return ulong.Parse(await Sql.TextAsync(connection, Question, stop).ConfigureAwait(false), System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception failure) when (failure is NpgsqlException or IOException or TimeoutException)
        {
            await LetGoAsync(number).ConfigureAwait(false);
            return 0;
        }
    }

    private async ValueTask LetGoAsync(int number)
    {
        if (_connections[number] is { } connection)
        {
            _connections[number] = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
