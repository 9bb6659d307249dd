using System.Globalization;
using Millpond.Feeds;
using Millpond.Postgres.Regions;
using Millpond.Postgres.Setup;
using Millpond.Postgres.Streaming;
using Millpond.Postgres.Watching;
using Millpond.Runtime;
using Npgsql;

namespace Millpond.Postgres;

/// <summary>
/// Follows a PostgreSQL database by logical replication: a slot keeps the log from where the feed was last confirmed, and is what makes one instance the one that follows.
/// </summary>
/// <remarks>
/// <para>
/// A run looks at how everything is set up, takes the slot (or stands by until whoever has it lets go), says where it begins, and then does four things side by side: read the log, ask what is visible, write signs of life and
/// look whether tables are still what they were, and pass on what is confirmed. When one of them ends, the run ends, and the relay begins another.
/// </para>
/// <para>
/// The history is named by the server's identity and timeline, and by the shape of the tables: after a failover, a restore, or a rewrite that sends no rows, the places in the log say nothing of what is cached (A50, A51). A slot that is not there, or whose
/// log is lost, is made anew, and what came before it is not known (A21).
/// </para>
/// </remarks>
internal sealed class PostgresFeed(string name, PostgresFeedOptions options, Surroundings surroundings) : IHomeFeed, IAsyncDisposable
{
    // How soon an instance that stands by notices that the slot is free.
    private static readonly TimeSpan StandbyPeriod = TimeSpan.FromMilliseconds(200);

    private readonly string _slot = options.Slot ?? "millpond_" + name.Replace('-', '_').Replace('.', '_');
    private readonly Connections _connections = new(options);

    private readonly Positions _positions = new(options);

    public bool LoadsReadHome => options.Home is null && options.Standbys.Count == 0;

    private string Publication => options.Publication ?? _slot;

    public ValueTask<HomePosition> ReadHomeAsync(CancellationToken cancellationToken) => _positions.HomeAsync(cancellationToken);

    public ValueTask<HomePosition> ReadHereAsync(CancellationToken cancellationToken) => _positions.HereAsync(cancellationToken);

    public ValueTask DisposeAsync() => _positions.DisposeAsync();

    public async Task FollowAsync(IFeedSink sink, CancellationToken stop)
    {
        sink.OnState(FeedState.Connecting, "looking at how the database is set up.");
        var control = await _connections.OpenAsync(stop).ConfigureAwait(false);
        await using var controlEnds = control.ConfigureAwait(false);
        var facts = await new Preparation(name, Publication, _slot, control).MakeAsync(sink.Tables, options.Home is not null, stop).ConfigureAwait(false);
        var begin = await TakeSlotAsync(sink, control, stop).ConfigureAwait(false);
        var log = await _connections.OpenLogAsync(control, stop).ConfigureAwait(false);
        await using var logEnds = log.ConfigureAwait(false);
        var server = await log.IdentifySystem(stop).ConfigureAwait(false);
        sink.StartAt(LogReader.PositionOf(begin.Position), $"{server.SystemId}/{server.Timeline}/{ShapeWatch.Of(sink.Tables, facts)}");

        var beacons = options.Home is null ? null : new Beacons($"{server.SystemId}/{_slot}", options, surroundings);
        var standbys = new ReplicaGate([.. options.Standbys.Select(standby => new Connections(options with { ConnectionString = standby }))]);
        await using var standbysEnd = standbys.ConfigureAwait(false);
        HomeTrack home = beacons is null ? new OwnLog(ulong.Parse(server.SystemId, CultureInfo.InvariantCulture), server.Timeline) : new ReplicaLog(beacons, surroundings);
        var run = new PostgresRun(name, _slot, Publication, new RunParts(sink, facts, begin, home, beacons, options.Standbys.Count == 0 ? null : standbys), options, surroundings);
        await run.FollowAsync(control, log, _connections, stop).ConfigureAwait(false);
    }

    /// <summary>Waits until nobody else has the slot, and makes it if there is none that is of use.</summary>
    private async Task<Beginning> TakeSlotAsync(IFeedSink sink, NpgsqlConnection control, CancellationToken stop)
    {
        while (true)
        {
            var slot = await Slot.ReadAsync(_slot, control, stop).ConfigureAwait(false);
            if (slot is { IsActive: true })
            {
                sink.OnState(FeedState.Standby, $"another instance has slot {_slot}.");
                await surroundings.Delay(StandbyPeriod * (0.75 + (0.5 * surroundings.NextDouble())), stop).ConfigureAwait(false);
                continue;
            }

            if (slot is { IsLost: false })
            {
                return new Beginning(slot.Confirmed, null);
            }

            try
            {
                return await MakeSlotAsync(slot is not null, control, stop).ConfigureAwait(false);
            }
            catch (PostgresException refused) when (refused.SqlState is "42710" or "42704" or Slot.InUse)
            {
                // Another instance was quicker.
            }
        }
    }

    private async Task<Beginning> MakeSlotAsync(bool replacesLost, NpgsqlConnection control, CancellationToken stop)
    {
        if (replacesLost)
        {
            await Slot.DropAsync(_slot, control, stop).ConfigureAwait(false);
        }

        var before = Snapshot.Read(await Sql.TextAsync(control, "select pg_current_snapshot()::text", stop).ConfigureAwait(false));
        try
        {
            var position = await Slot.CreateAsync(_slot, control, stop).ConfigureAwait(false);
            var why = replacesLost ? $"The log behind slot {_slot} was lost: nobody followed for longer than max_slot_wal_keep_size allows." : $"Slot {_slot} was not there and has been made: what changed before is not known.";
            return new Beginning(position, new FeedDoubt(null, FeedDoubtReason.Gap, why), before.End);
        }
        catch (PostgresException refused) when (refused.SqlState is "42501" or "53400" or "55000")
        {
            throw FeedFaults.Unfit(
                name,
                [$"Slot {_slot} cannot be made: {refused.MessageText}. The login needs REPLICATION (ALTER ROLE {control.UserName} REPLICATION;), the server a free one of max_replication_slots."],
                refused);
        }
    }
}

/// <summary>Where a run begins.</summary>
/// <param name="Position">The place.</param>
/// <param name="Doubt">What is not known of before; null if nothing is missing.</param>
/// <param name="RunningBefore">The first transaction that had not begun when the slot was made.</param>
internal sealed record Beginning(NpgsqlTypes.NpgsqlLogSequenceNumber Position, FeedDoubt? Doubt, ulong RunningBefore = 0);
