using Millpond.Chaos.Live.Histories;

namespace Millpond.Chaos.Live.Judging;

/// <summary>How long changes took to be visible everywhere: from the commit's return to the beginning of the last read, in any process, that was given something older.</summary>
internal sealed class Visibility
{
    private const int WorstShown = 5;
    public static readonly TimeSpan Goal = TimeSpan.FromSeconds(2);

    /// <summary>The changes that took longest, the longest first.</summary>
    public required IReadOnlyList<LateChange> Worst { get; init; }

    /// <summary>Commits whose writer lived to say so.</summary>
    public required long Changes { get; init; }

    /// <summary>Those that somebody could not see two seconds after.</summary>
    public required long Late { get; init; }

    public TimeSpan Longest => Worst.Count == 0 ? TimeSpan.Zero : Worst[0].Took;

    public double Share => Changes == 0 ? 0 : 1 - ((double)Late / Changes);

    /// <param name="source">The source.</param>
    /// <param name="entries">What happened.</param>
    /// <param name="isMeant">Which keys count: a keyspace with a stale window serves what is old on purpose.</param>
    public static Visibility Of(Source source, IReadOnlyList<Entry> entries, Func<int, bool> isMeant)
    {
        Dictionary<(int Key, long Version), Entry> last = [];
        foreach (var read in entries.Where(entry => entry.What is What.Read or What.Rested && isMeant(entry.Key)))
        {
            var version = read.Version < 0 ? source.LatestAbsence(read.Key, read.Ended) : read.Version;

            // Every later version that was already committed was invisible to this read.
            for (var missed = version + 1; missed <= source.Count(read.Key) && source.CommittedBy(read.Key, missed) < read.Began; missed++)
            {
                if (!last.TryGetValue((read.Key, missed), out var known) || known.Began < read.Began)
                {
                    last[(read.Key, missed)] = read;
                }
            }
        }

        HashSet<(int Key, long Version)> announced = [];
        foreach (var commit in entries.Where(entry => entry.What == What.Committed && isMeant(entry.Key)))
        {
            announced.Add((commit.Key, commit.Version));
        }

        LateChange[] unseen = [.. last.Where(pair => announced.Contains(pair.Key)).Select(pair => new LateChange(
            pair.Key.Key, pair.Key.Version, pair.Value, TimeSpan.FromTicks((pair.Value.Began - source.CommittedBy(pair.Key.Key, pair.Key.Version)) / TimeSpan.NanosecondsPerTick)))];
        return new Visibility { Changes = announced.Count, Late = unseen.LongCount(one => one.Took > Goal), Worst = [.. unseen.OrderByDescending(one => one.Took).Take(WorstShown)] };
    }
}

/// <summary>A change that somebody could not see at once.</summary>
/// <param name="Key">The key.</param>
/// <param name="Version">The version that was not seen.</param>
/// <param name="LastRead">The last read that was given an older one.</param>
/// <param name="Took">From the commit's return to that read's beginning.</param>
internal sealed record LateChange(int Key, long Version, Entry LastRead, TimeSpan Took);
