using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Millpond.Engines.Live;

/// <summary>A server in a process of its own, on a free port of this machine, ended with the test whatever happens, always by its own id.</summary>
public class EngineProcess : IAsyncDisposable
{
    private readonly string _program;
    private readonly string[] _arguments;
    private Process? _process;

    /// <summary>Describes a server; <see cref="LaunchAsync"/> starts it.</summary>
    protected EngineProcess(string program, int port, string folder, params string[] arguments) => (_program, Port, Folder, _arguments) = (program, port, folder, arguments);

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Its own folder, removed with it.</summary>
    public string Folder { get; }

    /// <summary>What a client connects to.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>How long it may take until it listens, on a machine that does much else.</summary>
    protected virtual TimeSpan StartMax => TimeSpan.FromSeconds(30);

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        // A cluster's bus wants the port ten thousand higher, so not the platform's choice, which is often too high for that.
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var port = Random.Shared.Next(15_000, 32_000);
            if (IsFree(port) && IsFree(port + 10_000))
            {
                return port;
            }
        }

        throw new InvalidOperationException("No free port between 15000 and 32000.");
    }

    /// <summary>A new folder for one server.</summary>
    public static string NewFolder() => Directory.CreateTempSubdirectory("millpond-engine-").FullName;

    /// <summary>Starts it and waits until it listens.</summary>
    public async Task LaunchAsync()
    {
        var start = new ProcessStartInfo(_program) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in _arguments)
        {
            start.ArgumentList.Add(argument);
        }

        Prepare(start);
        var output = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{_program} did not start.");
        _process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var started = Stopwatch.GetTimestamp();
        while (!await IsListeningAsync())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(started) > StartMax)
            {
                throw new InvalidOperationException($"{_program} {string.Join(' ', _arguments)} does not listen on {Port}:\n{string.Join('\n', output.TakeLast(20))}");
            }

            await Task.Delay(10);
        }
    }

    /// <summary>Ends it without warning.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Freezes it: it accepts connections and answers nothing.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets it go on.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await KillAsync();
        _process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Adds what the process is to find around it.</summary>
    protected virtual void Prepare(ProcessStartInfo start)
    {
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private async Task<bool> IsListeningAsync()
    {
        try
        {
            using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await probe.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
