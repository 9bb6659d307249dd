using Millpond.Chaos.Live.Histories;

namespace Millpond.Chaos.Live.Judging;

/// <summary>
/// I5: while nothing is broken, a lease to load is granted only if no other lives, and every load has a lease of its own. What is uncertain counts as kept: instants are known from when to
/// when, a call that failed may have been made, and in an episode leases may be lost with the engine that held them. A lease of another incarnation can store nothing any more.
/// </summary>
internal sealed class LeaseOracle(IReadOnlyList<Entry> entries, IReadOnlyList<Episode> episodes)
{
    // After an episode calls may still fail for a while; a lease whose grant was lost on its way lives on without a holder, and whoever waits behind it loads by himself in the end.
    private static readonly long Aftermath = Entry.Of(Pond.LeaseTime + Pond.LeaseWaitMax + TimeSpan.FromSeconds(3));

    private readonly Entry[] _failures = [.. entries.Where(entry => entry.What == What.TierFailed).OrderBy(entry => entry.Ended)];

    public long Leases { get; private set; }

    public long Loads { get; private set; }

    /// <summary>Loads that began when nothing was broken.</summary>
    public long CalmLoads { get; private set; }

    /// <summary>Leases granted when nothing was broken.</summary>
    public long CalmLeases { get; private set; }

    public IEnumerable<Finding> Judge()
    {
        foreach (var of in entries.Where(entry => entry.What is What.Granted or What.Filled or What.Released or What.Changed or What.LoadBegan && entry.Key >= 0).GroupBy(entry => entry.Key))
        {
            Entry[] ordered = [.. of.Where(entry => entry.What != What.Changed || entry.Detail == 0).OrderBy(entry => entry.Began)];
            foreach (var finding in JudgeGrants(ordered).Concat(JudgeLoads(ordered)))
            {
                yield return finding;
            }
        }
    }

    private IEnumerable<Finding> JudgeGrants(Entry[] ordered)
    {
        for (var i = 0; i < ordered.Length; i++)
        {
            var first = ordered[i];
            if (!IsLoadGrant(first))
            {
                continue;
            }

            Leases++;
            CalmLeases += IsCalm(first.Ended - Aftermath, first.Ended) ? 1 : 0;
            var livesUntil = first.Began + Entry.Of(TimeSpan.FromMilliseconds((uint)first.Version));
            for (var j = i + 1; j < ordered.Length && ordered[j].Began < livesUntil; j++)
            {
                var next = ordered[j];
                if (MayEnd(next, first))
                {
                    break;
                }

                // Whatever began before the second grant was answered may have ended the first lease.
                if (IsLoadGrant(next) && next.Mark != first.Mark && next.Version >> 32 == first.Version >> 32 && next.Began > first.Ended && next.Ended < livesUntil && IsCalm(first.Began, next.Ended)
                    && !ordered.Skip(j).TakeWhile(one => one.Began <= next.Ended).Any(one => MayEnd(one, first)) && !ordered.Take(i).Any(one => one.Ended >= first.Began && MayEnd(one, first)))
                {
                    yield return new Finding("I5", first.Key, next.Ended, $"process {next.Process} was granted a second lease to load key {next.Key}, {(next.Began - first.Ended) / 1e6:0.###} ms after process {first.Process} was granted the first, which had not ended.");
                    break;
                }
            }
        }
    }

    private IEnumerable<Finding> JudgeLoads(Entry[] ordered)
    {
        foreach (var process in ordered.Where(entry => entry.What == What.LoadBegan || IsLoadGrant(entry)).GroupBy(entry => entry.Process))
        {
            var unused = 0;
            foreach (var entry in process.OrderBy(entry => entry.What == What.Granted ? entry.Ended : entry.Began))
            {
                unused += entry.What == What.Granted ? 1 : -1;
                if (entry.What == What.Granted)
                {
                    continue;
                }

                Loads++;
                var isCalm = IsCalm(entry.Began - Aftermath, entry.Began);
                CalmLoads += isCalm ? 1 : 0;
                if (unused < 0 && isCalm)
                {
                    yield return new Finding("I5", entry.Key, entry.Began, $"process {entry.Process} loaded key {entry.Key} without a lease while nothing was broken.");
                }

                unused = Math.Max(0, unused);
            }
        }
    }

    private static bool IsLoadGrant(in Entry entry) => entry is { What: What.Granted, Detail: 0 };

    private static bool MayEnd(in Entry entry, in Entry lease) => entry.What switch
    {
        What.Changed => true,
        What.Granted => entry.Detail == 1,
        What.Filled or What.Released => entry.Mark == lease.Mark,
        _ => false,
    };

    private bool IsCalm(long from, long to) => !episodes.Any(episode => episode.Began <= to && episode.Ended >= from) && !FailedBetween(from, to);

    private bool FailedBetween(long from, long to)
    {
        var (low, high) = (0, _failures.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _failures[middle].Ended < from ? (middle + 1, high) : (low, middle);
        }

        return low < _failures.Length && _failures.Skip(low).Take(64).Any(failure => failure.Began <= to);
    }
}
