using Millpond.Feeds;
using NpgsqlTypes;

namespace Millpond.Postgres.Regions;

/// <summary>Which places of the home database's log the transactions of a log stand for.</summary>
internal abstract class HomeTrack
{
    /// <summary>A sign of life of this run came out of the log.</summary>
    /// <param name="sink">Who is told.</param>
    /// <param name="position">Where.</param>
    /// <param name="age">How long ago it was asked for.</param>
    public abstract void Beat(IFeedSink sink, FeedPosition position, TimeSpan age);

    /// <summary>A transaction ended there; called before it is handed over.</summary>
    /// <param name="sink">Who is told.</param>
    /// <param name="position">Where.</param>
    /// <param name="marks">What it said of where it comes from.</param>
    public abstract void Ended(IFeedSink sink, FeedPosition position, in OriginMarks marks);
}

/// <summary>What one transaction said of where it comes from.</summary>
/// <param name="Origin">The name of the subscription that brought it; null for one that was made here.</param>
/// <param name="Place">Where it ended in the log of whoever made it; 0 if that is not known.</param>
/// <param name="Beacon">The beacon that was in it.</param>
internal readonly record struct OriginMarks(string? Origin, NpgsqlLogSequenceNumber Place, BeaconRow? Beacon);

/// <summary>A beacon as it comes out of the log: read during the call, because the feed uses its values anew.</summary>
internal sealed class BeaconRow : IFeedTransaction
{
    public string Run { get; private set; } = "";

    public long Number { get; private set; }

    public ulong System { get; private set; }

    public uint Timeline { get; private set; }

    public void Add(in RowChange row)
    {
        if (row.New is { } beacon)
        {
            (Run, Number) = (beacon.Get<string>("run"), beacon.Get<long>("number"));
            (System, Timeline) = (unchecked((ulong)beacon.Get<long>("system")), (uint)beacon.Get<long>("timeline"));
        }
    }

    public void Doubt(FeedDoubt doubt)
    {
    }
}

/// <summary>The log is the home database's own.</summary>
internal sealed class OwnLog(ulong system, uint timeline) : HomeTrack
{
    public override void Ended(IFeedSink sink, FeedPosition position, in OriginMarks marks) => sink.Reaches(position, new HomePosition(system, timeline, position.Major));

    public override void Beat(IFeedSink sink, FeedPosition position, TimeSpan age) => sink.Heartbeat(position, age);
}

/// <summary>
/// The log is a replica's. A transaction that the subscription brought names where it ended at home; which home, the last beacon says. Of one that came in pieces the log does not know the place: the next one has it.
/// </summary>
internal sealed class ReplicaLog(Beacons beacons, Runtime.Surroundings surroundings) : HomeTrack
{
    private (ulong System, uint Timeline, string Origin)? _home;

    public override void Ended(IFeedSink sink, FeedPosition position, in OriginMarks marks)
    {
        if (marks is { Beacon: { } beacon, Origin: { } origin })
        {
            _home = (beacon.System, beacon.Timeline, origin);
            beacons.CameBack(beacon.Run, beacon.Number);
        }

        if (_home is { } home && marks.Origin == home.Origin && (ulong)marks.Place > 0)
        {
            sink.Reaches(position, new HomePosition(home.System, home.Timeline, (ulong)marks.Place));
        }

        if (marks.Beacon is not null && beacons.Level is { } level)
        {
            sink.Heartbeat(position, TimeSpan.FromTicks(surroundings.Now - level));
        }
    }

    /// <summary>That this database lives says nothing of home: the age stays that of the last beacon, and the place is confirmed so that the log need not be kept.</summary>
    public override void Beat(IFeedSink sink, FeedPosition position, TimeSpan age)
    {
        if (beacons.Level is { } level)
        {
            sink.Heartbeat(position, TimeSpan.FromTicks(surroundings.Now - level));
        }
        else
        {
            sink.Commit(sink.Begin(), new FeedCommit { Position = position, IsVisible = true });
        }
    }
}
