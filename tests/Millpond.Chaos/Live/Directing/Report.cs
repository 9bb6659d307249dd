using System.Globalization;
using System.Text.Json.Nodes;
using Millpond.Chaos.Live.Histories;
using Millpond.Chaos.Live.Judging;
using Millpond.Shared;

namespace Millpond.Chaos.Live.Directing;

/// <summary>A verdict in words and as figures.</summary>
internal static class Report
{
    private const int FindingsShown = 3;
    private const int LinesShown = 60;

    public static void Print(CampaignOptions options, Verdict verdict, TextWriter to)
    {
        foreach (var finding in verdict.Findings.GroupBy(finding => finding.Oracle).SelectMany(of => of.Take(FindingsShown)))
        {
            to.WriteLine($"{finding.Oracle} broken: {finding.Text}");
            if (verdict.Episodes.LastOrDefault(one => one.Began < finding.At) is { } before)
            {
                to.WriteLine($"    The last accident before: {before.Name}, from {(finding.At - before.Began) / 1e9:0.0} s to {(finding.At - before.Ended) / 1e9:0.0} s before.");
            }

            foreach (var entry in verdict.Around(finding, TimeSpan.FromSeconds(5), LinesShown))
            {
                to.WriteLine("    " + Line(entry, finding.At));
            }
        }

        foreach (var late in verdict.Visibility.Worst.Where(late => late.Took > Visibility.Goal))
        {
            PrintLate(verdict, late, to);
        }

        foreach (var (name, value) in Figures(options, verdict))
        {
            to.WriteLine($"  {name,-28} {value}");
        }

        to.WriteLine(verdict.Findings.Count == 0 ? "No promise was broken."
            : $"{verdict.Findings.Count} findings. Again with: {CommandLine.Of(options)}");
    }

    public static JsonObject Figures(CampaignOptions options, Verdict verdict)
    {
        var reads = verdict.Entries.Where(entry => entry.What == What.Read).ToLookup(entry => Answer.StaleOf(entry.Detail));
        return new JsonObject
        {
            ["setup"] = options.Setup,
            ["seed"] = options.Seed,
            ["seconds"] = options.For.TotalSeconds,
            ["processes"] = verdict.Entries.Select(entry => entry.Process).Distinct().Count(),
            ["accidents"] = verdict.Episodes.Count,
            ["reads"] = verdict.Reads,
            ["readsFailed"] = verdict.ReadsFailed,
            ["servedStale"] = string.Join(", ", reads.Where(of => of.Key != StaleReason.None).Select(of => $"{of.Key} {of.Count()}")),
            ["commits"] = verdict.Commits,
            ["changesMade"] = verdict.CountOf(What.Changed),
            ["tierCallsFailed"] = verdict.CountOf(What.TierFailed),
            ["leases"] = verdict.Leases.Leases,
            ["loads"] = verdict.Leases.Loads,
            ["leasesInCalm"] = verdict.Leases.CalmLeases,
            ["loadsInCalm"] = verdict.Leases.CalmLoads,
            ["loadsPerLeaseInCalm"] = verdict.Leases.CalmLeases == 0 ? 0 : Math.Round((double)verdict.Leases.CalmLoads / verdict.Leases.CalmLeases, 4),
            ["changesMeasured"] = verdict.Visibility.Changes,
            ["changesLate"] = verdict.Visibility.Late,
            ["visibleWithin2s"] = Math.Round(verdict.Visibility.Share, 8),
            ["worstVisibleMs"] = Math.Round(verdict.Visibility.Longest.TotalMilliseconds),
            ["unannouncedAtRest"] = verdict.Unannounced,
            ["findings"] = verdict.Findings.Count,
            ["oracles"] = string.Join(", ", verdict.Findings.GroupBy(finding => finding.Oracle).Select(of => $"{of.Key} {of.Count()}")),
        };
    }

    public static void Append(string path, JsonObject figures)
    {
        var all = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!.AsArray() : [];
        all.Add(figures);
        File.WriteAllText(path, all.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    /// <summary>What kept a change from being seen: its commit, how it was told, what failed at its writer and its reader, and the reads that missed it.</summary>
    private static void PrintLate(Verdict verdict, LateChange late, TextWriter to)
    {
        var read = late.LastRead;
        var commit = verdict.Entries.First(entry => entry.What == What.Committed && entry.Key == late.Key && entry.Version == late.Version);
        var during = verdict.Episodes.Where(one => one.Began < read.Ended && one.Ended > commit.Began - Entry.Of(Pond.Bound(late.Key))).Select(one => one.Name);
        to.WriteLine($"  Seen late: version {late.Version} of key {late.Key}, {late.Took.TotalMilliseconds:0} ms ({string.Join(", ", during)})");
        Entry[] telling = [.. verdict.Entries.Where(entry => entry.Ended >= commit.Began && entry.Began <= read.Ended + Entry.Of(Pond.Heartbeat) && (entry.What switch
        {
            What.TierFailed => false,
            What.Read => entry.Key == late.Key && entry.Process == read.Process,
            What.Changed => entry.Key == late.Key || entry.Detail == (int)ChangeKind.Keyspace,
            _ => entry.Key == late.Key,
        }))];
        foreach (var entry in telling.OrderBy(entry => entry.Ended).TakeLast(LinesShown))
        {
            to.WriteLine("    " + Line(entry, commit.Ended));
        }
    }

    private static string Line(in Entry entry, long at) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(entry.Began - at) / 1e6,10:0.000} to {(entry.Ended - at) / 1e6,9:0.000} ms  process {entry.Process,-3} {entry.What,-10} {Detail(entry)}");

    private static string Detail(in Entry entry) => entry.What switch
    {
        What.Read or What.Rested => $"version {entry.Version} from {Answer.OriginOf(entry.Detail)}, stale {Answer.StaleOf(entry.Detail)}",
        What.Committed or What.Loaded => $"version {entry.Version}",
        What.Announced => $"{(Announcement)entry.Detail} {(entry.Version > 0 ? $"version {entry.Version}" : "")}",
        What.Granted => $"{(entry.Detail == 1 ? "to write" : "to load")} {entry.Mark:x16}",
        What.Filled => $"{(entry.Detail == 1 ? "stored" : "refused")} {entry.Mark:x16}",
        What.Released => $"{entry.Mark:x16}",
        What.Changed => $"{(ChangeKind)entry.Detail} {entry.Key}",
        _ => "",
    };
}
