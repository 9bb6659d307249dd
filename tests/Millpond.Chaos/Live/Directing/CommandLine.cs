using System.Globalization;
using Millpond.Chaos.Live.Working;

namespace Millpond.Chaos.Live.Directing;

/// <summary>The options of ./chaos.</summary>
internal static class CommandLine
{
    public const string Help = """
        Lets accidents happen to a real engine under a fleet of real processes on one real database, and judges every answer that was given.

          --seed N       the accidents, their order and what callers do (1); the machine's own timing is not repeated
          --setup NAME   single, sentinel or cluster (single)
          --for TIME     for how long accidents happen, such as 90s or 10m (1m)
          --workers N    processes (4)
          --only TEXT    only accidents whose name contains this
          --pause TIME   for how long a node is paused; it is cut off for half as long (10s)
          --bug NAME     plants a bug that must be found: drops-changes, fills-without-nonce, grants-all
          --json FILE    appends the figures
          --push N       measures N pushes from InvalidateAsync to eviction in another process, and nothing else
          --help         this text

        As the first option, --write-behind lets accidents happen to processes that write behind, to their journal's server and to the database, and takes

          --seed N, --for TIME, --workers N (3), --only TEXT, --json FILE as above
          --journal NAME   files, redis or postgres (redis)
          --database NAME  sqlite or postgres (postgres)

        Ends with 1 if a promise was broken, and then prints the seed and the history that shows it.
        """;

    /// <summary>Reads the options; what cannot be read ends the program with a word about it.</summary>
    public static (CampaignOptions Options, string? Json, int Pushes) Parse(string[] arguments)
    {
        var (options, json, pushes) = (new CampaignOptions(), (string?)null, 0);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : throw new FormatException($"{arguments[i]} wants a value; --help lists the options.");
            options = arguments[i] switch
            {
                "--seed" => options with { Seed = Number(value) },
                "--setup" => options with { Setup = value },
                "--for" => options with { For = Time(value) },
                "--workers" => options with { Workers = Number(value) },
                "--only" => options with { Only = value },
                "--pause" => options with { Pause = Time(value) },
                "--bug" => BrokenTiers.Names.Contains(value) ? options with { Bug = value } : throw new FormatException($"'{value}' is no bug; there are {string.Join(", ", BrokenTiers.Names)}."),
                "--json" or "--push" => options,
                _ => throw new FormatException($"Unknown option '{arguments[i]}'; --help lists them."),
            };
            (json, pushes) = (arguments[i] == "--json" ? value : json, arguments[i] == "--push" ? Number(value) : pushes);
        }

        return (options, json, pushes);
    }

    /// <summary>The line that starts a campaign again.</summary>
    public static string Of(CampaignOptions options)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"./chaos --setup {options.Setup} --seed {options.Seed} --for {options.For.TotalSeconds}s --workers {options.Workers} --pause {options.Pause.TotalSeconds}s");
        return line + (options.Only == "" ? "" : $" --only '{options.Only}'") + (options.Bug is null ? "" : $" --bug {options.Bug}");
    }

    internal static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    internal static TimeSpan Time(string text)
    {
        var number = double.Parse(text.TrimEnd('s', 'm', 'h'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return text[^1] switch
        {
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            _ => TimeSpan.FromSeconds(number),
        };
    }
}
