using Millpond.Server.Commands;

namespace Millpond.Server;

internal static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args, new Terminal(Console.Out, Console.Error, Environment.GetEnvironmentVariable, Terminal.Network));
}
