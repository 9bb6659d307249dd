using System.Globalization;
using System.Text;
using Millpond.Postgres.Setup;
using Millpond.Runtime;
using Npgsql;
using Npgsql.Replication.PgOutput.Messages;

namespace Millpond.Postgres.Watching;

/// <summary>
/// Signs of life, written into the log and read from it: when one comes back, everything that had been committed when it was asked for has been told. They also let an idle database forget its log. Each names the run that wrote it, because
/// the log may still have those of runs before.
/// </summary>
internal sealed class Heartbeats(string slot, Surroundings surroundings)
{
    private const string Prefix = "millpond";

    private readonly string _run = surroundings.NextNonce().ToString();
    private readonly Lock _gate = new();
    private readonly Dictionary<long, long> _sentAt = [];
    private long _count;

    /// <summary>Writes one, in a transaction of its own: only a commit makes PostgreSQL send what was written before it.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        long number;
        lock (_gate)
        {
            number = ++_count;
            _sentAt[number] = surroundings.Now;
        }

        await Sql.RunAsync(connection, "select pg_logical_emit_message(true, $1, $2)::text", null, stop, Prefix, string.Create(CultureInfo.InvariantCulture, $"{slot} {_run} {number}")).ConfigureAwait(false);
    }

    /// <summary>How long ago one was asked for; null if the message is none of this run's.</summary>
    public async ValueTask<TimeSpan?> ReadAsync(LogicalDecodingMessage message, CancellationToken stop)
    {
        // Read to its end whatever it is, because the next message comes behind it.
        using var reader = new StreamReader(message.Data, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(stop).ConfigureAwait(false);
        if (message.Prefix != Prefix || text.Split(' ') is not [var ofSlot, var ofRun, var number] || ofSlot != slot || ofRun != _run)
        {
            return null;
        }

        lock (_gate)
        {
            return _sentAt.Remove(long.Parse(number, CultureInfo.InvariantCulture), out var sentAt) ? TimeSpan.FromTicks(surroundings.Now - sentAt) : null;
        }
    }
}
