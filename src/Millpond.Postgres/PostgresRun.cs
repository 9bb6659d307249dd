using Millpond.Feeds;
using Millpond.Postgres.Regions;
using Millpond.Postgres.Setup;
using Millpond.Postgres.Streaming;
using Millpond.Postgres.Watching;
using Millpond.Runtime;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using NpgsqlTypes;

namespace Millpond.Postgres;

/// <summary>One run over a slot that is ours: four loops side by side, ended together.</summary>
internal sealed class PostgresRun(
    string feed, string slot, string publication, RunParts parts, PostgresFeedOptions options, Surroundings surroundings)
{
    // A quarter of what a change of a table's shape may go unnoticed for; one look is one query of the catalogue.
    private static readonly TimeSpan ShapePeriod = TimeSpan.FromSeconds(2);

    // Below the status period, so that what is confirmed goes with the next status.
    private static readonly TimeSpan ConfirmPeriod = TimeSpan.FromMilliseconds(50);

    private readonly VisibilityWatch _visibility = new(parts.Sink, parts.Standbys, surroundings);
    private readonly Heartbeats _heartbeats = new(slot, surroundings);

    public async Task FollowAsync(NpgsqlConnection control, LogicalReplicationConnection log, Connections connections, CancellationToken stop)
    {
        var snapshots = await connections.OpenAsync(stop).ConfigureAwait(false);
        await using var snapshotsEnd = snapshots.ConfigureAwait(false);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var reader = new LogReader(parts.Sink, parts.Facts, _visibility, _heartbeats, parts.Home);
        var described = await Slot.DescribeAsync(slot, control, stop).ConfigureAwait(false);
        Task[] loops =
        [
            ReadAsync(log, reader, described, ended.Token),
            _visibility.RunAsync(snapshots, ended.Token),
            WatchAsync(control, reader, described, ended.Token),
            ConfirmAsync(log, ended.Token),
            .. parts.Beacons is { } beacons ? [beacons.RunAsync(new Connections(options with { ConnectionString = options.Home! }), ended.Token)] : Array.Empty<Task>(),
        ];
        var first = await Task.WhenAny(loops).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(loops.Select(EndAsync)).ConfigureAwait(false);
        await SayLastAsync(log).ConfigureAwait(false);
        await first.ConfigureAwait(false);
    }

    private async Task ReadAsync(LogicalReplicationConnection log, LogReader reader, string described, CancellationToken stop)
    {
        // Large transactions come in pieces while they run, so that neither side keeps them whole.
        var replication = new PgOutputReplicationOptions(publication, PgOutputProtocolVersion.V2, streamingMode: PgOutputStreamingMode.On, messages: true);
        var follows = false;
        try
        {
            await foreach (var message in log.StartReplication(new PgOutputReplicationSlot(slot), replication, stop).ConfigureAwait(false))
            {
                if (!follows)
                {
                    // The first message is the proof that the slot is ours: a sign of life, if nothing else.
                    follows = true;
                    Begin(described);
                }

                await reader.TellAsync(message, stop).ConfigureAwait(false);
            }
        }
        catch (PostgresException taken) when (taken.SqlState == Slot.InUse)
        {
            parts.Sink.OnState(FeedState.Standby, $"another instance was quicker to take slot {slot}.");
        }
    }

    private void Begin(string described)
    {
        parts.Sink.OnState(FeedState.Following, described);
        if (parts.Begin.Doubt is not null)
        {
            var position = LogReader.PositionOf(parts.Begin.Position);
            var unknown = parts.Sink.Begin();
            unknown.Doubt(parts.Begin.Doubt);
            parts.Sink.Commit(unknown, new FeedCommit { Position = position, IsVisible = false });
            _visibility.AddAllBefore(position, parts.Begin.RunningBefore);
        }
    }

    private async Task WatchAsync(NpgsqlConnection control, LogReader reader, string described, CancellationToken stop)
    {
        var wasCutOff = false;
        var shapes = new ShapeWatch(feed, parts.Sink.Tables, parts.Facts);
        var lookedAt = surroundings.Now;
        while (true)
        {
            await _heartbeats.WriteAsync(control, stop).ConfigureAwait(false);
            if (surroundings.Now - lookedAt >= ShapePeriod.Ticks)
            {
                lookedAt = surroundings.Now;
                await shapes.LookAsync(control, reader.Truncated, stop).ConfigureAwait(false);
            }

            var cutOff = parts.Beacons?.CutOff();
            if (wasCutOff != cutOff is not null)
            {
                wasCutOff = cutOff is not null;
                parts.Sink.OnState(wasCutOff ? FeedState.CutOff : FeedState.Following, cutOff ?? described);
            }

            await surroundings.Delay(options.HeartbeatPeriod, stop).ConfigureAwait(false);
        }
    }

    private async Task ConfirmAsync(LogicalReplicationConnection log, CancellationToken stop)
    {
        while (true)
        {
            Confirm(log);
            await surroundings.Delay(ConfirmPeriod, stop).ConfigureAwait(false);
        }
    }

    private void Confirm(LogicalReplicationConnection log)
    {
        if (parts.Sink.Confirmed is { } confirmed && new NpgsqlLogSequenceNumber(confirmed.Major) is var lsn && lsn > log.LastFlushedLsn)
        {
            log.SetReplicationStatus(lsn);
        }
    }

    /// <summary>What has been confirmed since the last status, so that whoever comes next need not be told it again. A courtesy: without it, it is told again.</summary>
    private async Task SayLastAsync(LogicalReplicationConnection log)
    {
        try
        {
            Confirm(log);
            await log.SendStatusUpdate(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The connection may be what ended the run.
        }
    }

    private static async Task EndAsync(Task loop)
    {
        try
        {
            await loop.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // That of the first to end is thrown; the others were told to.
        }
    }
}

/// <summary>What a run is made of.</summary>
/// <param name="Sink">Who is told.</param>
/// <param name="Facts">The tables as they were when it began.</param>
/// <param name="Begin">Where it begins.</param>
/// <param name="Home">Which places of the home database's log the log's places stand for.</param>
/// <param name="Beacons">Where a replica is followed, what proves how recent it is.</param>
/// <param name="Standbys">The standbys that loads read from; null where they read the database itself.</param>
internal sealed record RunParts(IFeedSink Sink, IReadOnlyList<TableFacts> Facts, Beginning Begin, HomeTrack Home, Beacons? Beacons, ReplicaGate? Standbys);
