using System.CommandLine;
using System.CommandLine.Help;

namespace Millpond.Server.Commands;

/// <summary>Reads the command line and runs what it says.</summary>
internal static class CommandLine
{
    private const string Description =
        """
        Asks a running program about its Millpond caches, by the endpoints that it maps.

        Ends with 0 if it is done, 1 if it was refused, 2 if the command line is wrong, and 3 if the program, its shared tier or its source cannot be reached now.
        """;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal)
    {
        var line = Root(terminal).Parse(arguments, new ParserConfiguration
        {
            // A key may begin with @ or a dash.
            ResponseFileTokenReplacer = null,
            EnablePosixBundling = false,
        });
        if (line.Errors.Count > 0 && line.Action is not HelpAction)
        {
            foreach (var error in line.Errors)
            {
                await terminal.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
            }

            await terminal.Error.WriteLineAsync("--help says how it is used.").ConfigureAwait(false);
            return (int)ExitCode.WrongUsage;
        }

        return await line.InvokeAsync(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false }, CancellationToken.None).ConfigureAwait(false);
    }

    private static RootCommand Root(Terminal terminal)
    {
        var asking = new Asking(terminal);
        var root = new RootCommand(Description) { InvalidateCommand.Make(asking), DeadLettersCommand.Make(asking), TrailCommand.Make(asking), StatusCommand.Make(asking) };
        root.Directives.Clear();
        asking.AddTo(root);
        return root;
    }
}
