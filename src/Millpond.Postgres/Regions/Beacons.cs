using System.Globalization;
using Millpond.Feeds;
using Millpond.Postgres.Setup;
using Millpond.Runtime;
using Npgsql;

namespace Millpond.Postgres.Regions;

/// <summary>
/// Proves how recent a replica is: a row that the region writes in the home database, twice a second, and that comes back to it by replication. When it does, everything that home had committed when it was asked for is in the replica, and the time
/// since then was measured here alone (rule 10). The row also says which home it is and on which timeline.
/// </summary>
internal sealed class Beacons(string region, PostgresFeedOptions options, Surroundings surroundings)
{
    public const string Table = "public.millpond_beacons";

    /// <summary>The SQL that makes the table, in either database.</summary>
    public const string CreateScript =
        $"CREATE TABLE IF NOT EXISTS {Table} (region text PRIMARY KEY, run text NOT NULL, number bigint NOT NULL, system bigint NOT NULL, timeline bigint NOT NULL, place pg_lsn NOT NULL);";

    private const string Write = $"""
        insert into {Table} (region, run, number, system, timeline, place) select $1, $2, $3, home.* from ({Positions.OfHome}) home
        on conflict (region) do update set run = excluded.run, number = excluded.number, system = excluded.system, timeline = excluded.timeline, place = excluded.place
        """;

    // Ten minutes' worth: of those that take longer to come back only the newest are of use.
    private const int SentMax = 1_200;

    private readonly string _run = surroundings.NextNonce().ToString();
    private readonly Lock _gate = new();
    private readonly Queue<(long Number, long SentAt)> _sent = new();
    private readonly long _beganAt = surroundings.Now;
    private long _count;
    private long? _level;
    private string? _failure;

    /// <summary>The table as the log reader follows it.</summary>
    public static FeedTable Followed { get; } = new(Table, ["region", "run", "number", "system", "timeline"]);

    /// <summary>The same as it is judged: nobody asks what a beacon was before.</summary>
    public static FeedTable Judged { get; } = new(Table, ["region"]);

    /// <summary>As of when everything of home is known to be in the replica, on this process's clock; null before the first beacon came back.</summary>
    public long? Level
    {
        get
        {
            lock (_gate)
            {
                return _level;
            }
        }
    }

    /// <summary>Why the region counts as cut off; null if it does not.</summary>
    public string? CutOff()
    {
        lock (_gate)
        {
            var silent = TimeSpan.FromTicks(surroundings.Now - (_level ?? _beganAt));
            return silent < options.CutOffAfter ? null : string.Create(
                CultureInfo.InvariantCulture,
                $"nothing proves that the replica is younger than {silent.TotalSeconds:F0} s: {(_failure is null ? $"beacons are written at home and do not come back (is {Table} in the publication, and the subscription running?)" : $"the home database cannot be written to: {_failure}")}");
        }
    }

    /// <summary>Writes beacons for as long as the run lasts. That home is away ends nothing: the region goes on with what it has.</summary>
    public async Task RunAsync(Connections connections, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                var home = await connections.OpenAsync(stop).ConfigureAwait(false);
                await using var homeEnds = home.ConfigureAwait(false);
                while (true)
                {
                    await WriteAsync(home, stop).ConfigureAwait(false);
                    await surroundings.Delay(options.HeartbeatPeriod, stop).ConfigureAwait(false);
                }
            }
            catch (Exception failure) when (!stop.IsCancellationRequested)
            {
                lock (_gate)
                {
                    _failure = failure.Message;
                }

                await surroundings.Delay(options.HeartbeatPeriod, stop).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes note of a beacon that came out of the replica's log.</summary>
    /// <param name="run">Which run wrote it, of this region or another.</param>
    /// <param name="number">The how-manieth.</param>
    public void CameBack(string run, long number)
    {
        lock (_gate)
        {
            while (run == _run && _sent.TryPeek(out var sent) && sent.Number <= number)
            {
                _level = sent.SentAt;
                _sent.Dequeue();
            }
        }
    }

    private async Task WriteAsync(NpgsqlConnection home, CancellationToken stop)
    {
        long number;
        lock (_gate)
        {
            number = ++_count;
            _sent.Enqueue((number, surroundings.Now));
            if (_sent.Count > SentMax)
            {
                _sent.Dequeue();
            }
        }

        await Sql.RunAsync(home, Write, null, stop, region, _run, number).ConfigureAwait(false);
        lock (_gate)
        {
            _failure = null;
        }
    }
}
