using System.Globalization;
using System.Security.Cryptography;
using Millpond.Sim.Faults;
using Millpond.Sim.Mutants;

namespace Millpond.Sim.Running;

/// <summary>What the command was asked to do.</summary>
internal sealed record CommandLine
{
    public const string Help = """
        Runs Millpond's real client under virtual time, over a network and an engine that break by a seeded plan, and checks its promises at every answer.

          --seed S          replay this run; default: a random one, printed
          --operations N    how many operations the clients begin; default 100000
          --runs K          that many runs, each with the next seed; default 1
          --write-behind    a fleet that writes behind: journals, a database that is written, processes that die
          --faults LIST     all (default), none, or some of: lost, delay, push, channel, partition, freeze, crash, rollback, evict, slow,
                            source, writer, sluggish, outage, and with --write-behind kill, journal, database, poison; separated by commas
          --mutant NAME     put a deliberate bug into the protocol; the run is then expected to fail
          --list-mutants    print the deliberate bugs
          --help            this text

        Exit status: 0 every promise held, 1 one was broken, 2 the command was not understood.
        """;

    public int Seed { get; init; }

    public long Operations { get; init; } = 100_000;

    public int Runs { get; init; } = 1;

    public FaultKind Faults { get; init; } = FaultKind.All;

    public bool WritesBehind { get; init; }

    public Mutant Mutant { get; init; } = Mutant.None;

    public bool WantsHelp { get; init; }

    public bool WantsMutants { get; init; }

    /// <exception cref="FormatException">What was not understood, in words.</exception>
    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var line = new CommandLine { Seed = RandomNumberGenerator.GetInt32(int.MaxValue) };
        for (var index = 0; index < args.Count; index++)
        {
            line = args[index] switch
            {
                "--help" or "-h" => line with { WantsHelp = true },
                "--list-mutants" => line with { WantsMutants = true },
                "--seed" => line with { Seed = Number(args, ref index, int.MinValue, int.MaxValue) },
                "--operations" => line with { Operations = Number(args, ref index, 1, int.MaxValue) },
                "--runs" => line with { Runs = Number(args, ref index, 1, int.MaxValue) },
                "--write-behind" => line with { WritesBehind = true },
                "--faults" => line with { Faults = FaultsOf(Value(args, ref index)) },
                "--mutant" => line with { Mutant = MutantOf(Value(args, ref index)) },
                var other => throw new FormatException($"Unknown option '{other}'; --help lists them."),
            };
        }

        return line;
    }

    /// <summary>The line that repeats a run.</summary>
    public static string Replay(SimulationOptions options, Mutant mutant) =>
        string.Create(CultureInfo.InvariantCulture, $"./sim --seed {options.Seed} --operations {options.Operations}")
        + (options.WritesBehind && !mutant.IsOfWriteBehind ? " --write-behind" : "")
        + (options.Faults == FaultKind.All ? "" : $" --faults {options.Faults.ToString().ToLowerInvariant().Replace(" ", "", StringComparison.Ordinal)}")
        + (mutant == Mutant.None ? "" : $" --mutant {mutant.Name}");

    private static string Value(IReadOnlyList<string> args, ref int index) =>
        ++index < args.Count ? args[index] : throw new FormatException($"{args[index - 1]} wants a value.");

    private static int Number(IReadOnlyList<string> args, ref int index, int least, int most)
    {
        var name = args[index];
        var text = Value(args, ref index);
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{name} wants a number from {least} to {most}, not '{text}'.");
    }

    private static FaultKind FaultsOf(string list)
    {
        var faults = FaultKind.None;
        foreach (var name in list.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!Enum.TryParse<FaultKind>(name, ignoreCase: true, out var kind) || !Enum.IsDefined(kind) || char.IsDigit(name[0]))
                throw new FormatException($"Unknown fault '{name}'; --help lists them.");
            faults |= kind;
        }

        return faults;
    }

    private static Mutant MutantOf(string name) =>
        AllMutants.Find(name) ?? throw new FormatException($"Unknown mutant '{name}'; --list-mutants prints them.");
}
