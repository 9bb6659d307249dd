using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millpond.Server.Calling;

namespace Millpond.Server.Commands;

/// <summary>What all commands have in common: they ask one program one thing, and print what it said.</summary>
internal sealed class Asking(Terminal terminal)
{
    private readonly Target _target = new(terminal);

    private readonly Option<bool> _json = new("--json") { Description = "Print the answer as it came, as JSON.", Recursive = true };

    public void AddTo(Command root)
    {
        _target.AddTo(root);
        root.Add(_json);
    }

    /// <summary>Whether an option is on the command line; its value may be missing or wrong, which is told by itself.</summary>
    public static bool IsGiven(CommandResult line, Option option) => line.GetResult(option) is { Implicit: false };

    /// <summary>Has a command ask.</summary>
    /// <param name="command">The command.</param>
    /// <param name="ask">Asks.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="print">Prints it for people, and says whether it came to what was wanted.</param>
    public void Does<T>(Command command, Func<ParseResult, RunningProgram, CancellationToken, Task<Said>> ask, JsonTypeInfo<T> type, Func<T, ParseResult, TextWriter, ExitCode> print) =>
        command.SetAction(async (line, stop) =>
        {
            try
            {
                using var program = _target.Reach(line);
                return (int)await PrintAsync(line, await ask(line, program, stop).ConfigureAwait(false), type, print).ConfigureAwait(false);
            }
            catch (UsageException wrong)
            {
                await terminal.Error.WriteLineAsync(wrong.Message).ConfigureAwait(false);
                return (int)ExitCode.WrongUsage;
            }
        });

    private async Task<ExitCode> PrintAsync<T>(ParseResult line, Said said, JsonTypeInfo<T> type, Func<T, ParseResult, TextWriter, ExitCode> print)
    {
        var asJson = line.GetValue(_json);
        if (asJson && said.Body.Length > 0)
        {
            await terminal.Out.WriteLineAsync(said.Body).ConfigureAwait(false);
        }

        if (said.Problem is { } problem)
        {
            await terminal.Error.WriteLineAsync(problem).ConfigureAwait(false);
            return said.Code;
        }

        try
        {
            var answer = JsonSerializer.Deserialize(said.Body, type) ?? throw new JsonException("it is null.");
            return print(answer, line, asJson ? TextWriter.Null : terminal.Out);
        }
        catch (JsonException unread)
        {
            await terminal.Error.WriteLineAsync($"What was answered is nothing of Millpond's, or of another version: {unread.Message}").ConfigureAwait(false);
            return ExitCode.Refused;
        }
    }
}
