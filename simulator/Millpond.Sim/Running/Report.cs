using System.Globalization;
using Millpond.Sim.Mutants;

namespace Millpond.Sim.Running;

/// <summary>A verdict in words.</summary>
internal static class Report
{
    public static IEnumerable<string> Lines(SimulationOptions options, Mutant mutant, Verdict verdict, TimeSpan took)
    {
        yield return Text($"seed {options.Seed}: {verdict.Operations} operations in {took.TotalSeconds:0.0} s ({verdict.Operations / Math.Max(took.TotalSeconds, 0.001):0} a second), {verdict.VirtualTime.TotalSeconds:0} s of virtual time");
        yield return Text($"  {verdict.ReadsJudged} answers judged, the stalest {verdict.Stalest.TotalMilliseconds:0} ms; {verdict.Loads} loads; {verdict.Refused} reads refused or failed as they should");
        if (verdict.Behind is { } behind)
            yield return Text($"  {behind.Acknowledged} writes acknowledged, {behind.Refused} refused, {behind.Unknown} unknown; {behind.Batches} batches, {behind.Fenced} fenced, {behind.BatchesRefused} refused; {behind.Buried} put aside, {behind.Retried} retried, {behind.Discarded} given up, {behind.Lost} lost as declared; {behind.Killed} processes killed, {behind.Stopped} stopped");
        else
            yield return Text($"  {verdict.Requests} requests to the shared tier, {verdict.RequestsFailed} without an answer; {verdict.FillsRefused} fills refused, {verdict.ChangesDeferred} changes deferred, {verdict.GapsClosed} gaps closed, {verdict.EpochsBegun} epochs begun");
        if (verdict.Episodes.Count > 0)
            yield return "  broken on purpose: " + string.Join(", ", verdict.Episodes.OrderBy(pair => pair.Key).Select(pair => Text($"{pair.Key.ToString().ToLowerInvariant()} {pair.Value}")));
        yield return Text($"  history {verdict.Hash:x16}");
        if (verdict.Broken is not { } broken)
        {
            yield return "  every promise held";
            yield break;
        }

        foreach (var line in verdict.Trace)
            yield return line;
        yield return broken.Message;
        yield return "replay: " + CommandLine.Replay(options, mutant);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
