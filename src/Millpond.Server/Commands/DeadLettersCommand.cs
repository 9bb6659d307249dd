using System.CommandLine;
using System.Globalization;
using Millpond.AspNetCore;
using Millpond.AspNetCore.Operating;
using Millpond.Server.Printing;

namespace Millpond.Server.Commands;

/// <summary><c>millpond dead-letters list|retry|discard NAME</c>.</summary>
internal static class DeadLettersCommand
{
    public static Command Make(Asking asking) => new("dead-letters", "What the source of a keyspace that writes behind refused, and what waits behind it.")
    {
        List(asking),
        Retry(asking),
        Discard(asking),
    };

    private static Argument<string> Name() => new("NAME") { Description = "The name of the keyspace or of the merged counters." };

    private static string Path(string name, string more = "") => $"dead-letters/{Uri.EscapeDataString(name)}{more}";

    private static Command List(Asking asking)
    {
        var name = Name();
        var after = new Option<long>("--after") { Description = "Begin after this position.", HelpName = "POSITION" };
        var max = new Option<int>("--max") { Description = "How many at most, up to 1,000.", HelpName = "N", DefaultValueFactory = _ => 100 };
        var command = new Command("list", "Lists them, the oldest first, without their values.") { name, after, max };
        asking.Does(
            command,
            (line, program, stop) => program.GetAsync(string.Create(CultureInfo.InvariantCulture, $"{Path(line.GetRequiredValue(name))}?after={line.GetValue(after)}&max={line.GetValue(max)}"), stop),
            Wire.Default.DeadLettersAnswer,
            (found, _, print) =>
            {
                var table = new Table("POSITION", "KEY", "KIND", "BYTES", "WRITTEN", "REASON");
                foreach (var one in found.Letters)
                {
                    table.Add(Words.Number(one.Position), one.Key, Words.Kind(one.Kind, one.Delta), Words.Number(one.ValueBytes), Words.Time(one.WrittenAt), one.Reason);
                }

                table.Print(print);
                print.WriteLine(found switch
                {
                    { Letters.Count: 0 } => "no dead letters",
                    { Next: { } next } => string.Create(CultureInfo.InvariantCulture, $"more: --after {next}"),
                    _ => Words.Count(found.Letters.Count, "dead letter"),
                });
                return ExitCode.Done;
            });
        return command;
    }

    private static Command Retry(Asking asking)
    {
        var name = Name();
        var key = new Option<string?>("--key") { Description = "The key whose letters are tried again.", HelpName = "KEY" };
        var all = new Option<bool>("--all") { Description = "All keys' letters." };
        var command = new Command("retry", "Tries them again, each key's in the order of their writing. Do it when what was wrong is mended; what is refused again stays.") { name, key, all };
        command.Validators.Add(line =>
        {
            if (Asking.IsGiven(line, all) == Asking.IsGiven(line, key))
            {
                line.AddError("Say which: --key or --all.");
            }
        });
        asking.Does(
            command,
            (line, program, stop) => program.PostAsync(Path(line.GetRequiredValue(name), "/retry"), new RetryAsk { Key = line.GetValue(key), All = line.GetValue(all) }, Wire.Default.RetryAsk, stop),
            Wire.Default.RetryAnswer,
            (done, _, print) =>
            {
                print.WriteLine($"{Words.Count(done.Written, "letter")} in the source now, {Words.Number(done.Left)} refused again");
                return done.Left == 0 ? ExitCode.Done : ExitCode.Refused;
            });
        return command;
    }

    private static Command Discard(Asking asking)
    {
        var name = Name();
        var key = new Option<string>("--key") { Description = "The key whose letters are given up.", HelpName = "KEY", Required = true };
        var through = new Option<long>("--through") { Description = "The position of the last one to give up, as list tells it; what was written later stays.", HelpName = "POSITION", Required = true };
        var command = new Command("discard", "Gives a key's letters up for good: they will not be in the source, and readers see what the source has.") { name, key, through };
        asking.Does(
            command,
            (line, program, stop) => program.PostAsync(Path(line.GetRequiredValue(name), "/discard"), new DiscardAsk { Key = line.GetRequiredValue(key), Through = line.GetRequiredValue(through) }, Wire.Default.DiscardAsk, stop),
            Wire.Default.DiscardAnswer,
            (done, _, print) =>
            {
                print.WriteLine($"{Words.Count(done.Discarded, "letter")} given up, {Words.Number(done.Left)} of the key left");
                return ExitCode.Done;
            });
        return command;
    }
}
