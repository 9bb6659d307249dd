using System.Globalization;
using Millpond.Shared;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;

namespace Millpond.Sim.Oracles;

/// <summary>An instant, and the step within it.</summary>
/// <param name="At">Virtual ticks.</param>
/// <param name="Step">The history's count.</param>
internal readonly record struct Moment(long At, long Step);

/// <summary>
/// Judges each answer of a read when it is given (I2, I3, I7, I8). An answer is a committed state of the source that was current at some instant not before
/// a bound, and the bound is the latest of:
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>what is covered by any change that bears on that state and that the shared tier applied at least two heartbeats, and the keyspace's stale time, before the
/// read began (whether or not any push arrived, whatever broke in between);</item>
/// <item>the beginning of any such call that has returned in this very process, at once, where the keyspace drops what is invalidated;</item>
/// <item>the read's beginning less the hard time to live;</item>
/// <item>the read's beginning less the staleness the caller accepts, if it said so.</item>
/// </list>
/// A tag bears on a state that carries it: not on absence, which has no tags. The first bound says nothing of when the writer committed: from the commit until its
/// change is applied no cache can know (that is what the writers that die show: then only the time to live helps).
/// </remarks>
internal sealed class ReadOracle(Agenda agenda, TimeSpan heartbeat)
{
    public long Judged { get; private set; }

    /// <summary>The longest time that an answer had not been current any more.</summary>
    public long StalestTicks { get; private set; }

    /// <param name="item">What was asked for.</param>
    /// <param name="row">The answer; null for none.</param>
    /// <param name="process">Who asked.</param>
    /// <param name="began">When the read began.</param>
    /// <param name="maxStaleness">What the caller accepts, in ticks; null for what the policy serves.</param>
    public void Judge(Item item, Row? row, int process, Moment began, long? maxStaleness)
    {
        Judged++;
        if (row is null)
            JudgeAbsence(item, process, began, maxStaleness);
        else
            JudgeRow(item, row, process, began, maxStaleness);
    }

    private void JudgeRow(Item item, Row row, int process, Moment began, long? maxStaleness)
    {
        if (row.Space != item.Space.Number || row.Tenant != item.Tenant || row.Key != item.Key)
            throw new BrokenOracle("I8", item, $"node {process} asked for {item} and was given {row}.");
        var history = item.HistoryFor(process);
        var index = history.Find(row.Mark);
        if (index < 0)
            throw new BrokenOracle("I7", item, $"node {process} was given #{row.Mark} of {item}, which was never committed.");
        var (bound, why) = BoundOf(item, row, process, began, maxStaleness);
        var end = history.EndOf(index);
        if (end <= bound)
            throw Stale(item, $"#{row.Mark}", process, began.At, end, bound, why);
        JudgeSet(item, index, process, began);
        NoteStaleness(began.At, end);
    }

    private void JudgeAbsence(Item item, int process, Moment began, long? maxStaleness)
    {
        // A keyspace without a source may lose anything at any time.
        if (!item.Space.HasLoader)
            return;
        var (bound, why) = BoundOf(item, null, process, began, maxStaleness);
        var history = item.HistoryFor(process);
        var latest = long.MinValue;
        for (var index = history.Count - 1; index >= 0; index--)
        {
            var end = history.EndOf(index);
            if (history[index].Row is null)
            {
                if (end > bound)
                {
                    NoteStaleness(began.At, end);
                    return;
                }

                latest = Math.Max(latest, end);
            }
        }

        if (latest == long.MinValue)
            throw new BrokenOracle("I7", item, $"node {process} was told that there is no {item}, and there always was one.");
        throw Stale(item, "its absence", process, began.At, latest, bound, why);
    }

    private (long Bound, string Why) BoundOf(Item item, Row? row, int process, Moment began, long? maxStaleness)
    {
        var space = item.Space;
        var hard = (row is null ? space.NegativeTimeToLive : space.TimeToLive).Ticks + space.StaleTicks;
        (long Bound, string Why) latest = (began.At - hard, "I2, its hard time to live");
        if (maxStaleness is { } accepted)
            Raise(ref latest, began.At - accepted, "I2, the staleness its caller accepts");
        var heard = began.At - (2 * heartbeat.Ticks) - space.StaleTicks;
        foreach (var fact in item.Bearing(row))
        {
            Raise(ref latest, fact.CoveredBy(heard), "I2, a change applied more than two heartbeats and the stale time before");
            if (space.After == AfterInvalidation.Gone && space.HasLoader)
                Raise(ref latest, fact.OwnBy(process, began.Step), "I3, its own change");
        }

        return latest;
    }

    /// <summary>Where the cache is the source, a set or invalidation that returned makes everything from before it unreadable here, even if it never arrived.</summary>
    private static void JudgeSet(Item item, int index, int process, Moment began)
    {
        var own = item.Space.HasLoader ? long.MinValue : item.Changes.OwnBy(process, began.Step);
        if (item.History[index].At <= own)
            throw new BrokenOracle("I3", item, $"node {process} was given {item} as set at {Ms(item.History[index].At)} ms after its own set or invalidation begun at {Ms(own)} ms had returned.");
    }

    private static void Raise(ref (long Bound, string Why) latest, long bound, string why)
    {
        if (bound > latest.Bound)
            latest = (bound, why);
    }

    private void NoteStaleness(long beganAt, long end) => StalestTicks = Math.Max(StalestTicks, beganAt - end);

    private BrokenOracle Stale(Item item, string what, int process, long beganAt, long end, long bound, string why) =>
        new(why[..2], item, string.Create(
            CultureInfo.InvariantCulture,
            $"node {process} was given {what} of {item} at {Ms(agenda.Now)} ms by a read begun at {Ms(beganAt)} ms. It was current until {Ms(end)} ms, and must have been after {Ms(bound)} ms ({why})."));

    private static string Ms(long ticks) => (ticks / 10_000.0).ToString("0.###", CultureInfo.InvariantCulture);
}
