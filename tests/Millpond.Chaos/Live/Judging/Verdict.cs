using Millpond.Chaos.Live.Histories;

namespace Millpond.Chaos.Live.Judging;

/// <summary>What the oracles say of a campaign, and its figures.</summary>
internal sealed record Verdict
{
    private const int FindingsMax = 100;

    public required IReadOnlyList<Finding> Findings { get; init; }

    public required IReadOnlyList<Episode> Episodes { get; init; }

    public required IReadOnlyList<Entry> Entries { get; init; }

    public required Visibility Visibility { get; init; }

    public required LeaseOracle Leases { get; init; }

    public required long Commits { get; init; }

    /// <summary>Keys whose last writer died before it said anything, and whose time to live was not over at rest.</summary>
    public required int Unannounced { get; init; }

    public long Reads => CountOf(What.Read) + CountOf(What.Rested);

    public long ReadsFailed => CountOf(What.ReadFailed);

    public static Verdict Of(Source source, IReadOnlyList<Entry> entries, IReadOnlyList<Episode> episodes)
    {
        var reads = new ReadOracle(source, entries);
        List<Finding> findings = [.. Judge(reads, entries).GroupBy(finding => finding.Oracle).SelectMany(of => of.Take(FindingsMax))];
        var leases = new LeaseOracle(entries, episodes);
        findings.AddRange(leases.Judge().ToArray().Take(FindingsMax));
        var unannounced = new HashSet<int>();
        findings.AddRange(AtRest(source, entries, reads, unannounced));
        return new Verdict
        {
            Findings = [.. findings.OrderBy(finding => finding.At)], Episodes = episodes, Entries = entries, Leases = leases, Commits = source.Commits, Unannounced = unannounced.Count,
            Visibility = Visibility.Of(source, entries, key => !Pond.IsLazy(key)),
        };
    }

    public long CountOf(What what) => Entries.LongCount(entry => entry.What == what);

    /// <summary>What bears on a finding: the events of its key shortly before it.</summary>
    public IEnumerable<Entry> Around(Finding finding, TimeSpan before, int countMax) => Entries
        .Where(entry => (entry.Key == finding.Key || (entry.Key < 0 && entry.What == What.Changed)) && entry.Ended <= finding.At + 1 && entry.Ended >= finding.At - Entry.Of(before))
        .OrderBy(entry => entry.Ended).TakeLast(countMax);

    private static IEnumerable<Finding> Judge(ReadOracle reads, IReadOnlyList<Entry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.What is What.Read or What.Rested && reads.Judge(entry) is { } broken)
            {
                yield return broken;
            }
            else if (entry.What is What.ReadFailed or What.WriteFailed)
            {
                yield return new Finding("failed", entry.Key, entry.Ended, $"process {entry.Process}: {(entry.What == What.ReadFailed ? "a read" : "a write")} of key {entry.Key} failed; its words are above.");
            }
        }
    }

    private static IEnumerable<Finding> AtRest(Source source, IReadOnlyList<Entry> entries, ReadOracle reads, HashSet<int> unannounced)
    {
        foreach (var read in entries.Where(entry => entry.What == What.Rested))
        {
            var newest = source.Count(read.Key);
            if (read.Version == (source.IsPresent(read.Key, newest) ? newest : -1))
            {
                continue;
            }

            if (!reads.IsAnnounced(read.Key))
            {
                unannounced.Add(read.Key);
                continue;
            }

            yield return new Finding("I1", read.Key, read.Ended, $"at rest, process {read.Process} has {(read.Version < 0 ? "no row" : $"version {read.Version}")} of key {read.Key}; the source has version {newest}.");
        }
    }
}
