using System.CommandLine;
using System.Globalization;
using Millpond.AspNetCore;
using Millpond.Server.Printing;

namespace Millpond.Server.Commands;

/// <summary><c>millpond trail NAME</c>.</summary>
internal static class TrailCommand
{
    public static Command Make(Asking asking)
    {
        var name = new Argument<string>("NAME") { Description = "The name of the keyspace or of the merged counters." };
        var key = new Option<string?>("--key") { Description = "The key whose records are wanted.", HelpName = "KEY" };
        var from = new Option<string?>("--from") { Description = "Settled then or later: 2026-01-31T12:00:00Z.", HelpName = "TIME" };
        var until = new Option<string?>("--until") { Description = "Settled before.", HelpName = "TIME" };
        var after = new Option<string?>("--after") { Description = "Go on behind a page that was read, as it said.", HelpName = "CURSOR" };
        var max = new Option<int>("--max") { Description = "How many at most, up to 1,000.", HelpName = "N", DefaultValueFactory = _ => 100 };
        var command = new Command("trail", "What a journal keeps of records that are in the source or were given up, the oldest settlement first, without their values. Times without a zone are UTC.") { name, key, from, until, after, max };
        asking.Does(
            command,
            (line, program, stop) => program.GetAsync(
                string.Create(CultureInfo.InvariantCulture, $"trail/{Uri.EscapeDataString(line.GetRequiredValue(name))}?max={line.GetValue(max)}{Part("key", line.GetValue(key))}{Part("from", line.GetValue(from))}{Part("until", line.GetValue(until))}{Part("after", line.GetValue(after))}"), stop),
            Wire.Default.TrailAnswer,
            (found, _, print) =>
            {
                var table = new Table("POSITION", "KEY", "KIND", "BYTES", "WRITTEN", "SETTLED", "HOW", "REASON");
                foreach (var one in found.Records)
                {
                    table.Add(
                        Words.Number(one.Position), one.Key, Words.Kind(one.Kind, one.Delta), Words.Number(one.ValueBytes), Words.Time(one.WrittenAt), Words.Time(one.SettledAt), one.Settlement, one.Reason);
                }

                table.Print(print);
                print.WriteLine(found switch
                {
                    { Next: { } next } => $"more: --after {Words.Line(next)}",
                    { Records.Count: 0 } => "no records",
                    _ => Words.Count(found.Records.Count, "record"),
                });
                if (found.CompleteSince is { } since)
                {
                    print.WriteLine($"complete since {Words.Time(since)}");
                }

                return ExitCode.Done;
            });
        return command;
    }

    private static string Part(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
