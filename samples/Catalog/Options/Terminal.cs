using System.Globalization;
using Catalog.Instances;
using Catalog.Page;
using Millpond;

namespace Catalog.Options;

/// <summary>What the program says on its terminal while it runs.</summary>
internal sealed class Terminal(TextWriter output)
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public void Listening(Uri address) => output.WriteLine($"listening on {address.GetLeftPart(UriPartial.Authority)}");

    /// <summary>What the start has from the run before.</summary>
    public void Warm(IReadOnlyList<WarmUpStatistics> keyspaces)
    {
        int keys = keyspaces.Sum(one => one.Done);
        output.WriteLine(keys == 0 ? "cold: no run before this one has left its keys" : string.Create(Culture,
            $"warm after {keyspaces.Max(one => one.Time).TotalSeconds:0.0} s: {keys:N0} keys of the last run, {keyspaces.Sum(one => one.Loaded):N0} from the database, {keyspaces.Sum(one => one.FromShared):N0} from the shared tier"));
    }

    public void Second(LiveSample sample)
    {
        if (sample.Instances.Count > 0)
        {
            output.WriteLine(Fleet(sample));
            return;
        }

        CacheSample cache = sample.Cache;
        string drills = string.Concat(sample.Drills.Select(drill => $"  [{drill.Key} {drill.Value.ToString("0", Culture)} s]"));
        output.WriteLine(string.Create(Culture,
            $"hit {Percent(cache.HitRatio),6}  {sample.Requests,6:N0} req/s  db {sample.Database.Reads,5:N0} q/s (without cache {sample.Database.WithoutCache,6:N0})"
            + $"  p99 hit {Time(cache.HitTime),8} miss {Time(cache.MissTime),8} http {Time(sample.Http),8}{Failed(sample.Failures)}{drills}"));
    }

    /// <summary>The closing summary.</summary>
    public void Closing(InstanceTotals totals)
    {
        double hits = totals.Local + totals.Shared;
        double reads = hits + totals.Misses;
        double saved = totals.ReadsWithoutCache > 0 ? 1 - ((double)totals.Reads / totals.ReadsWithoutCache) : 0;
        output.WriteLine(string.Create(Culture,
            $"""

            {totals.At:N0} s, {totals.Requests:N0} requests, {totals.Failures:N0} without an answer from the database, {totals.Broken:N0} without any
            hit ratio {Percent(reads > 0 ? hits / reads : null)}, {totals.Loads:N0} loads, {totals.Coalesced:N0} callers shared another's load
            {totals.Reads:N0} reads reached the database instead of {totals.ReadsWithoutCache:N0}: {Percent(saved)} did not
            """));
    }

    private static string Fleet(LiveSample sample)
    {
        double hits = sample.Instances.Sum(one => one.Local + one.Shared);
        double reads = hits + sample.Instances.Sum(one => one.Misses);
        int silent = sample.Instances.Count(one => !one.Answers);
        return string.Create(Culture,
            $"{sample.Instances.Count} instances  hit {Percent(reads > 0 ? hits / reads : null),6}  {sample.Instances.Sum(one => one.Requests),6:N0} req/s"
            + $"  loads {sample.Instances.Sum(one => one.Loads),5:N0}/s  db {sample.Database.Reads,5:N0} q/s (without cache {sample.Database.WithoutCache,6:N0})"
            + $"{(silent > 0 ? $"  {silent} do not answer" : "")}");
    }

    private static string Failed(double failures) => failures > 0 ? string.Create(Culture, $"  {failures:N0} failed/s") : "";

    private static string Percent(double? share) => share is { } known ? known.ToString("0.0 %", Culture) : "-";

    private static string Time(Spread? spread) => spread?.P99 switch
    {
        null => "-",
        < 0.995 and var ms => string.Create(Culture, $"{ms * 1e3:0} us"),
        < 99.5 and var ms => string.Create(Culture, $"{ms:0.0} ms"),
        var ms => string.Create(Culture, $"{ms:0} ms"),
    };
}
