using System.Diagnostics;

namespace Millpond.Sqlite.Live.Tests.Live;

/// <summary>Two processes that follow one database, of which one does and the other stands by; whoever is killed is replaced.</summary>
internal sealed class Relays(Func<Relay> start) : IAsyncDisposable
{
    private readonly List<Relay> _all = [start(), start()];

    /// <summary>How long nobody followed, each time.</summary>
    public List<TimeSpan> HandOvers { get; } = [];

    public Task UntilOneFollowsAsync() => Killing.UntilAsync(() => new(_all.Exists(one => one.State == "Following")), "one follows");

    /// <summary>Kills it, as a crash does, and returns when the other follows.</summary>
    public async Task KillWhoFollowsAsync()
    {
        Relay? leader = null;
        await Killing.UntilAsync(() => new((leader = _all.Find(one => one.State == "Following")) is not null), "one follows");
        _all.Remove(leader!);
        var killed = Stopwatch.StartNew();
        await leader!.DisposeAsync();
        await UntilOneFollowsAsync();
        HandOvers.Add(killed.Elapsed);
        _all.Add(start());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _all)
        {
            await one.DisposeAsync();
        }
    }
}

/// <summary>A process that follows and does nothing else.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly Process _process;
    private volatile string _state = "";

    public Relay(string database, string redis, string mode)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Millpond.Postgres.Relay", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Millpond.Postgres.Relay.dll");
        _process = Process.Start(new ProcessStartInfo("dotnet", [program, database, redis, "live", mode]) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, line) => _state = line.Data ?? _state;
        _process.BeginOutputReadLine();
    }

    public string State => _state;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
