using System.Diagnostics;
using System.Globalization;

namespace Millpond.Engines.Live;

/// <summary>A node of RabbitMQ with its own data, its own cookie, and a register of names of its own, so that it meets no other node on the machine.</summary>
public sealed class RabbitServer : EngineProcess
{
    private const string Programs = "/usr/lib/rabbitmq/lib";

    private readonly Names _names;

    private RabbitServer(string program, int port, string folder, Names names)
        : base(program, port, folder) => _names = names;

    /// <summary>What a client connects to.</summary>
    public Uri Uri => UriAt(Port);

    /// <inheritdoc/>
    protected override TimeSpan StartMax => TimeSpan.FromMinutes(3);

    /// <summary>What a client connects to through a relay on a port.</summary>
    public static Uri UriAt(int port) => new(string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{port}/"));

    /// <summary>Starts one.</summary>
    public static async Task<RabbitServer> StartAsync()
    {
        var program = Directory.Exists(Programs) ? Directory.GetDirectories(Programs, "rabbitmq_server-*").Select(folder => Path.Combine(folder, "sbin", "rabbitmq-server")).FirstOrDefault(File.Exists) : null;
        var names = new Names(FreePort(), NewFolder());
        await names.LaunchAsync();
        var server = new RabbitServer(program ?? throw new InvalidOperationException("RabbitMQ is not installed: Debian's package is rabbitmq-server."), FreePort(), NewFolder(), names);
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "rabbitmq.conf"), string.Create(CultureInfo.InvariantCulture, $"listeners.tcp.1 = 127.0.0.1:{server.Port}\n"));
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "plugins"), "[].");
        await server.LaunchAsync();
        return server;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await _names.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Prepare(ProcessStartInfo start)
    {
        string In(string name) => Path.Combine(Folder, name);
        foreach (var (name, value) in (IEnumerable<(string, string)>)
        [
            // The shell becomes the node, so that the process that is killed is the node.
            ("RUNNING_UNDER_SYSTEMD", "1"),
            ("HOME", Folder), ("RABBITMQ_CONF_ENV_FILE", In("none")), ("RABBITMQ_CONFIG_FILE", In("rabbitmq.conf")), ("RABBITMQ_GENERATED_CONFIG_DIR", Folder), ("RABBITMQ_ENABLED_PLUGINS_FILE", In("plugins")),
            ("RABBITMQ_MNESIA_BASE", In("data")), ("RABBITMQ_LOG_BASE", In("log")), ("RABBITMQ_LOGS", "-"),
            ("RABBITMQ_NODENAME", string.Create(CultureInfo.InvariantCulture, $"millpond{Port}@localhost")), ("RABBITMQ_DIST_PORT", (Port + 10_000).ToString(CultureInfo.InvariantCulture)),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"),
            ("ERL_EPMD_PORT", _names.Port.ToString(CultureInfo.InvariantCulture)), ("ERL_EPMD_ADDRESS", "127.0.0.1"),
        ])
        {
            start.Environment[name] = value;
        }
    }

    /// <summary>Erlang's register of names. A node would start one that outlives it.</summary>
    private sealed class Names(int port, string folder) : EngineProcess("epmd", port, folder, "-port", port.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1");
}
