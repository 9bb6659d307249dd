namespace Catalog.Options;

/// <summary>What the command line decides.</summary>
internal sealed record CatalogOptions
{
    public const int PortDefault = 5080;

    public const int RateDefault = 2000;

    /// <summary>Two cores serve and send about this much; beyond it the figures would describe the driver, not the cache.</summary>
    public const int RateMax = 20_000;

    public const int InstancesMax = 8;

    /// <summary>0 asks the system for any free port.</summary>
    public int Port { get; init; } = PortDefault;

    /// <summary>Requests per second that the built-in load aims at, all instances together.</summary>
    public int Rate { get; init; } = RateDefault;

    /// <summary>When to stop; null: when asked to.</summary>
    public TimeSpan? For { get; init; }

    public bool Load { get; init; } = true;

    /// <summary>How many processes serve the catalogue; more than one need an <see cref="Engine"/> to share.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Which of them this is. Others than the first are started by it, and end when their standard input does.</summary>
    public int Instance { get; init; } = 1;

    /// <summary>HOST:PORT of the shared tier's engine; null: no engine, and what is cached stays in this process.</summary>
    public string? Engine { get; init; }

    /// <summary>The folder of the database and the data set.</summary>
    public string DataFolder { get; init; } = DataFolderDefault();

    /// <summary>An instance's share of the whole rate; what does not divide evenly goes to the first ones, and none sends nothing.</summary>
    public int RateOf(int instance) => Math.Max(1, (Rate / Instances) + (instance <= Rate % Instances ? 1 : 0));

    /// <summary>The repository's .data, which git ignores, wherever the program was started from; else beside the caller.</summary>
    private static string DataFolderDefault()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Millpond.slnx")))
            {
                return Path.Combine(folder.FullName, ".data", "catalog");
            }
        }

        return Path.GetFullPath(Path.Combine(".data", "catalog"));
    }
}
