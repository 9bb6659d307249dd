using System.Globalization;

namespace Millpond.Engines.Live;

/// <summary>A redis-server with no persistence unless asked for.</summary>
public sealed class RedisServer : EngineProcess
{
    private RedisServer(int port, string folder, string[] arguments)
        : base("redis-server", port, folder, arguments)
    {
    }

    /// <summary>Its unix socket.</summary>
    public string SocketPath => Path.Combine(Folder, "redis.sock");

    /// <summary>Starts one; <paramref name="settings"/> are its own, such as <c>--maxmemory 10mb</c>.</summary>
    public static async Task<RedisServer> StartAsync(params string[] settings)
    {
        var server = Describe(FreePort(), settings);
        await server.LaunchAsync();
        return server;
    }

    /// <summary>Starts one that speaks TLS only, and wants to see a client's certificate.</summary>
    public static async Task<RedisServer> StartSecureAsync(Certificates certificates, string askClients = "yes", params string[] settings)
    {
        var port = FreePort();
        var server = Describe(port,
            ["--port", "0", "--tls-port", Text(port), "--tls-cert-file", certificates.ServerPath, "--tls-key-file", certificates.ServerKeyPath,
            "--tls-ca-cert-file", certificates.RootPath, "--tls-auth-clients", askClients, .. settings]);
        await server.LaunchAsync();
        return server;
    }

    internal static RedisServer Describe(int port, params string[] settings)
    {
        var folder = NewFolder();
        return new RedisServer(port, folder,
        [
            "--port", Text(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder, "--unixsocket", Path.Combine(folder, "redis.sock"),
            "--enable-debug-command", "yes", "--repl-diskless-sync-delay", "0", .. settings,
        ]);
    }

    internal static RedisServer Sentinel(int port, string configuration)
    {
        var folder = NewFolder();
        var path = Path.Combine(folder, "sentinel.conf");
        File.WriteAllText(path, configuration);
        return new RedisServer(port, folder, [path, "--sentinel"]);
    }

    internal static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
