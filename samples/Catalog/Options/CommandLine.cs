using System.Globalization;

namespace Catalog.Options;

/// <summary>What the arguments came to: options, a wish for help, or what is wrong with them.</summary>
internal sealed record CommandLine(CatalogOptions Options, bool HelpWanted, IReadOnlyList<string> Errors)
{
    public const string Help =
        """
        A product catalogue served through Millpond, under load, with a live page.

          --port N      port of the page and the service on the loopback address (default 5080; 0: any free one)
          --rate N      requests per second of the built-in load, of all instances together, 1 to 20000 (default 2000)
          --for TIME    stop after this time: 30s, 5m, 1h (default: run until Ctrl-C)
          --no-load     serve only, send nothing
          --instances N processes that share one tier, 1 to 8 (default 1); more than one need an engine
          --engine H:P  the engine of the shared tier, Redis, Valkey or Garnet, as HOST:PORT (./run --instances starts one)
          --instance K  which instance this is: how the first one starts the others, which end when their standard input does
          --data DIR    folder of the database and the data set (default .data/catalog)
          --help        this text

        The first start fetches the data set (Debian's package mame-data, 16 MB: 133,294 titles for 686 computers and consoles)
        and imports it into SQLite. The page shows what reaches the database with the cache and what would without it, and has
        drills that slow it down, stop it, expire the hottest key or send a crowd to one product.
        """;

    /// <summary>Reads all arguments and collects every fault, so that one correction is enough.</summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var options = new CatalogOptions();
        var errors = new List<string>();
        bool help = false;
        for (int index = 0; index < arguments.Count; index++)
        {
            string name = arguments[index];
            switch (name)
            {
                case "--help" or "-h":
                    help = true;
                    break;
                case "--no-load":
                    options = options with { Load = false };
                    break;
                case "--port" or "--rate" or "--for" or "--data" or "--instances" or "--engine" or "--instance" when index + 1 < arguments.Count:
                    options = With(options, name, arguments[++index], errors);
                    break;
                case "--port" or "--rate" or "--for" or "--data" or "--instances" or "--engine" or "--instance":
                    errors.Add($"{name} needs a value.");
                    break;
                default:
                    errors.Add($"'{name}' is not an option of this program.");
                    break;
            }
        }

        if (options is { Instances: > 1, Engine: null })
        {
            errors.Add("--instances needs an engine that they share: --engine HOST:PORT, or ./run, which starts one.");
        }

        return new CommandLine(options, help, errors);
    }

    private static CatalogOptions With(CatalogOptions options, string name, string value, List<string> errors)
    {
        switch (name)
        {
            case "--port":
                return Number(value, 0, 65_535) is { } port ? options with { Port = port } : Wrong("a port from 0 to 65535");
            case "--rate":
                return Number(value, 1, CatalogOptions.RateMax) is { } rate
                    ? options with { Rate = rate }
                    : Wrong($"a number of requests per second from 1 to {CatalogOptions.RateMax}");
            case "--for":
                return Duration(value) is { } duration ? options with { For = duration } : Wrong("a time like 30s, 5m or 1h");
            case "--instances":
                return Number(value, 1, CatalogOptions.InstancesMax) is { } instances
                    ? options with { Instances = instances }
                    : Wrong($"a number of processes from 1 to {CatalogOptions.InstancesMax}");
            case "--instance":
                return Number(value, 1, CatalogOptions.InstancesMax) is { } instance
                    ? options with { Instance = instance }
                    : Wrong($"a number from 1 to {CatalogOptions.InstancesMax}");
            case "--engine":
                return IsEndpoint(value) ? options with { Engine = value } : Wrong("HOST:PORT");
            default:
                return value.Length > 0 ? options with { DataFolder = Path.GetFullPath(value) } : Wrong("a folder");
        }

        CatalogOptions Wrong(string wanted)
        {
            errors.Add($"{name} takes {wanted}, not '{value}'.");
            return options;
        }
    }

    private static bool IsEndpoint(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && Uri.CheckHostName(text[..colon]) != UriHostNameType.Unknown && Number(text[(colon + 1)..], 1, 65_535) is not null;
    }

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : null;

    private static TimeSpan? Duration(string text)
    {
        if (text.Length < 2)
        {
            return null;
        }

        int seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        int? number = Number(text[..^1], 1, 100_000);
        return seconds > 0 && number is { } count ? TimeSpan.FromSeconds((long)count * seconds) : null;
    }
}
