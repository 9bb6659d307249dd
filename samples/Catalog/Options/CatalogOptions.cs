namespace Catalog.Options;

/// <summary>What the command line decides.</summary>
internal sealed record CatalogOptions
{
    public const int PortDefault = 5080;

    public const int RateDefault = 2000;

    /// <summary>Two cores serve and send about this much; beyond it the figures would describe the driver, not the cache.</summary>
    public const int RateMax = 20_000;

    /// <summary>0 asks the system for any free port.</summary>
    public int Port { get; init; } = PortDefault;

    /// <summary>Requests per second that the built-in load aims at.</summary>
    public int Rate { get; init; } = RateDefault;

    /// <summary>When to stop; null: when asked to.</summary>
    public TimeSpan? For { get; init; }

    public bool Load { get; init; } = true;

    /// <summary>The folder of the database and the data set.</summary>
    public string DataFolder { get; init; } = DataFolderDefault();

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
