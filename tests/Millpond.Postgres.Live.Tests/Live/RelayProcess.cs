using System.Diagnostics;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>A process that follows the database and nothing else, to be killed.</summary>
internal sealed class RelayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private volatile string _state = "";

    public RelayProcess(World world)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Millpond.Postgres.Relay", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Millpond.Postgres.Relay.dll");
        _process = Process.Start(new ProcessStartInfo("dotnet", [program, world.Database.ConnectionString, world.Redis.Address, world.Slot, world.Outbox is null ? "log" : "outbox"]) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, line) => _state = line.Data ?? _state;
        _process.BeginOutputReadLine();
    }

    public bool Follows => _state == "Following";

    public bool StandsBy => _state == "Standby";

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Freezes it.</summary>
    public async Task FreezeAsync()
    {
        using var kill = Process.Start("kill", ["-STOP", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
