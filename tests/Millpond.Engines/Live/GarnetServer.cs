namespace Millpond.Engines.Live;

/// <summary>A garnet-server from the tool manifest, with scripts and their isolation.</summary>
public sealed class GarnetServer : EngineProcess
{
    private const string Version = "2.2.5";

    private GarnetServer(int port, string folder, string[] arguments)
        : base("dotnet", port, folder, arguments)
    {
    }

    /// <summary>Starts one; <paramref name="settings"/> are its own.</summary>
    public static async Task<GarnetServer> StartAsync(params string[] settings)
    {
        var (port, folder) = (FreePort(), NewFolder());
        var server = new GarnetServer(port, folder,
        [
            ProgramPath(), "--port", RedisServer.Text(port), "--bind", "127.0.0.1", "--memory", "64m", "--lua", "--lua-transaction-mode", .. settings,
        ]);
        await server.LaunchAsync();
        return server;
    }

    /// <summary>Starts one that can be joined to others. It keeps its cluster's state in its folder, through a device that needs no library of the machine's.</summary>
    public static Task<GarnetServer> StartClusteredAsync(params string[] settings) =>
        StartAsync(["--cluster", "--gossip-delay", "1", "--device-type", "RandomAccess", "--checkpointdir", ".", .. settings]);

    /// <summary>Starts one that recovers what was saved (SAVE) when it starts again.</summary>
    public static async Task<GarnetServer> StartDurableAsync()
    {
        var (port, folder) = (FreePort(), NewFolder());

        // The faster kinds of device want a library of the system's that may not be there.
        var server = new GarnetServer(port, folder,
        [
            ProgramPath(), "--port", RedisServer.Text(port), "--bind", "127.0.0.1", "--memory", "64m", "--device-type", "RandomAccess", "--checkpointdir", SavedIn(folder), "--recover",
        ]);
        await server.LaunchAsync();
        return server;
    }

    /// <summary>Where it keeps what was saved.</summary>
    public string SavedPath => SavedIn(Folder);

    private static string SavedIn(string folder) => Path.Combine(folder, "saved");

    // The tool's launcher would be a process of its own in front of the server's, so that a signal to it would not reach the server.
    private static string ProgramPath()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var tools = Path.Combine(packages, "garnet-server", Version, "tools");
        return Directory.Exists(tools)
            ? Directory.EnumerateFiles(tools, "GarnetServer.dll", SearchOption.AllDirectories).First()
            : throw new InvalidOperationException($"garnet-server {Version} is not there: run 'dotnet tool restore', or ./test, which does.");
    }
}
