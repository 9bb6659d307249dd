using System.CommandLine;
using Millpond.AspNetCore;
using Millpond.Server.Printing;

namespace Millpond.Server.Commands;

/// <summary><c>millpond status</c>.</summary>
internal static class StatusCommand
{
    public static Command Make(Asking asking)
    {
        var command = new Command("status", "How the cache of the program stands: its health, keyspaces, change feeds and write-behind.");
        asking.Does(command, (_, program, stop) => program.GetAsync("status", stop), Wire.Default.StatusAnswer, (found, _, print) =>
        {
            print.WriteLine($"{found.Statistics.Cache}: {found.Health}. {Words.Line(found.Reasons)}");
            Keyspaces(found.Statistics.Keyspaces).Print(print);
            Feeds(found.Statistics.Feeds).Print(print);
            WriteBehind(found.Statistics.WriteBehind).Print(print);
            return ExitCode.Done;
        });
        return command;
    }

    private static Table Keyspaces(IReadOnlyList<KeyspaceStatistics> keyspaces)
    {
        var table = new Table("KEYSPACE", "ENTRIES", "BYTES", "HITS", "MISSES", "LOADS", "HEARD", "UNTOLD", "SHARED TIER");
        foreach (var one in keyspaces)
        {
            table.Add(
                one.Name, Words.Number(one.LocalEntries), Words.Number(one.LocalBytes), Words.Number(one.LocalHits), Words.Number(one.Misses), Words.Number(one.Loads),
                one.IsTrusted ? "yes" : "no", Words.Number(one.DeferredChanges), one.SharedBreaker == Overload.BreakerState.Closed ? "used" : "left alone");
        }

        return table;
    }

    private static Table Feeds(IReadOnlyList<FeedStatistics> feeds)
    {
        var table = new Table("FEED", "STATE", "LAG", "CHANGES", "DOUBTS", "DETAIL");
        foreach (var one in feeds)
        {
            table.Add(one.Name, one.State.ToString(), Words.Span(one.Lag), Words.Number(one.Changes), Words.Number(one.Doubts), one.Detail);
        }

        return table;
    }

    private static Table WriteBehind(IReadOnlyList<WriteBehindStatistics> all)
    {
        var table = new Table("WRITE-BEHIND", "STATE", "JOURNAL", "RECORDS", "LAG", "DEAD LETTERS", "LAST FAILURE");
        foreach (var one in all)
        {
            table.Add(one.Keyspace, one.State.ToString(), one.Journal, Words.Number(one.Records), Words.Span(one.Lag), Words.Number(one.DeadLetters), one.LastFailure ?? "");
        }

        return table;
    }
}
