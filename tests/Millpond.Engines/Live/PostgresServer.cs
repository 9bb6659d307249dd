using System.Diagnostics;
using System.Globalization;

namespace Millpond.Engines.Live;

/// <summary>A PostgreSQL server with a database of its own, ready for logical replication. PostgreSQL refuses to run as root, so for root it runs as <c>nobody</c>.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const int KeptLines = 20;
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);
    private readonly string _programs;
    private readonly string _folder;
    private Process? _process;

    private PostgresServer(string programs, string folder, int port) => (_programs, _folder, Port) = (programs, folder, port);

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>What a client connects with.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username=millpond;Database=postgres;Timeout=5;SSL Mode=Disable;GSS Encryption Mode=Disable");

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Whether it can be had on this machine.</summary>
    public static bool IsThere => Programs() is not null;

    /// <summary>Makes a cluster and starts it. <paramref name="settings"/> are more of its own, such as <c>max_slot_wal_keep_size=1MB</c>.</summary>
    public static async Task<PostgresServer> StartAsync(params string[] settings)
    {
        var server = await NewAsync();
        await server.RunAsync("initdb", "-D", server.Data, "-U", "millpond", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C");
        await server.ConfigureAsync(
        [
            "listen_addresses='127.0.0.1'", "unix_socket_directories=''", "wal_level=logical", "max_wal_senders=20", "max_replication_slots=20", "shared_buffers=64MB",
            "fsync=off", "wal_receiver_status_interval=1s", "max_connections=60", .. settings,
        ]);
        await server.LaunchAsync();
        return server;
    }

    /// <summary>A standby of it, which replays what this one logs; <paramref name="settings"/> are more of its own.</summary>
    public async Task<PostgresServer> AddStandbyAsync(string name, params string[] settings)
    {
        var standby = await NewAsync();
        await standby.RunAsync("pg_basebackup", "-D", standby.Data, "-h", "127.0.0.1", "-p", Text(Port), "-U", "millpond", "-R", "-X", "stream", "-c", "fast", "--no-sync");
        await File.AppendAllTextAsync(
            Path.Combine(standby.Data, "postgresql.auto.conf"), $"\nport={Text(standby.Port)}\nprimary_conninfo='host=127.0.0.1 port={Text(Port)} user=millpond application_name={name}'\nhot_standby=on\n{string.Join('\n', settings)}\n");
        await standby.LaunchAsync();
        return standby;
    }

    /// <summary>Waits for a standby of that name before it lets a commit return, from now on; null for none.</summary>
    public async Task WaitForStandbyAsync(string? name)
    {
        await ConfigureAsync([$"synchronous_standby_names='{name}'"]);
        await RunAsync("pg_ctl", "reload", "-D", Data, "-s");
    }

    /// <summary>Becomes a primary, in a new timeline.</summary>
    public Task PromoteAsync() => RunAsync("pg_ctl", "promote", "-D", Data, "-w", "-s");

    /// <summary>Starts it, again after it was killed or stopped.</summary>
    public async Task LaunchAsync()
    {
        var output = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _process = Process.Start(Describe("postgres", ["-D", Data, "-p", Text(Port)])) ?? throw new InvalidOperationException("postgres did not start.");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var started = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(started) > StartMax)
            {
                throw new InvalidOperationException($"postgres is not ready on {Port}:\n{string.Join('\n', output)}");
            }

            await Task.Delay(20);
        }

        void Keep(string? line)
        {
            output.Enqueue(line ?? "");
            while (output.Count > KeptLines)
            {
                output.TryDequeue(out _);
            }
        }
    }

    /// <summary>Ends it at once, as a crash does: every process of it, by its own id.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            // Its own children end when they find that it is gone; those that cannot find out are ended with it.
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Freezes it with all its processes, as its machine would: connections are accepted and nothing is answered, and what was under way goes on with <see cref="ResumeAsync"/>.</summary>
    public Task PauseAsync() => ProcessTree.FreezeAsync(_process!.Id);

    /// <summary>Lets it go on.</summary>
    public Task ResumeAsync() => ProcessTree.ThawAsync(_process!.Id);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Directory.Delete(_folder, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 50)
            {
                // A process that is ending may still write.
                await Task.Delay(50);
            }
        }
    }

    private static async Task<PostgresServer> NewAsync()
    {
        var programs = Programs() ?? throw new InvalidOperationException("PostgreSQL is not installed: Debian's package is postgresql.");
        var server = new PostgresServer(programs, EngineProcess.NewFolder(), EngineProcess.FreePort());
        if (Environment.UserName == "root")
        {
            using var chown = Process.Start("chown", ["-R", "nobody", server._folder]);
            await chown.WaitForExitAsync();
        }

        return server;
    }

    // Debian keeps each version's programs in a folder of their own.
    private static string? Programs() =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0) : Enumerable.Empty<string>())
        .Select(folder => Path.Combine(folder, "bin"))
        .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task ConfigureAsync(IEnumerable<string> settings) => await File.AppendAllTextAsync(Path.Combine(Data, "postgresql.auto.conf"), string.Concat(settings.Select(setting => setting + "\n")));

    private ProcessStartInfo Describe(string program, string[] arguments)
    {
        var path = Path.Combine(_programs, program);
        var start = Environment.UserName == "root" ? new ProcessStartInfo("setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", path, .. arguments]) : new ProcessStartInfo(path, arguments);
        (start.WorkingDirectory, start.RedirectStandardOutput, start.RedirectStandardError) = (_folder, true, true);
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(Describe(program, arguments)) ?? throw new InvalidOperationException($"{program} did not start.");
        var (said, wrong) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{await said}\n{await wrong}");
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        using var probe = Process.Start(new ProcessStartInfo(Path.Combine(_programs, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", Text(Port), "-t", "1"]))!;
        await probe.WaitForExitAsync();
        return probe.ExitCode == 0;
    }
}
