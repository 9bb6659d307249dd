using Millpond.Chaos.Live.Directing;

namespace Millpond.Chaos.Live.Behind;

/// <summary>The options behind ./chaos --write-behind; <see cref="CommandLine.Help"/> lists them.</summary>
internal static class BehindCommandLine
{
    public static (BehindOptions Options, string? Json) Parse(string[] arguments)
    {
        var (options, json) = (new BehindOptions(), (string?)null);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : throw new FormatException($"{arguments[i]} wants a value; --help lists the options.");
            options = arguments[i] switch
            {
                "--seed" => options with { Seed = CommandLine.Number(value) },
                "--for" => options with { For = CommandLine.Time(value) },
                "--workers" => options with { Workers = CommandLine.Number(value) },
                "--journal" => options with { Journal = OneOf(BehindOptions.Journals, value) },
                "--database" => options with { Database = OneOf(BehindOptions.Databases, value) },
                "--only" => options with { Only = value },
                "--json" => options,
                _ => throw new FormatException($"Unknown option '{arguments[i]}' of --write-behind; --help lists them."),
            };
            json = arguments[i] == "--json" ? value : json;
        }

        return (options, json);
    }

    private static string OneOf(IReadOnlyList<string> names, string value) =>
        names.Contains(value) ? value : throw new FormatException($"'{value}' is none of {string.Join(", ", names)}.");
}
