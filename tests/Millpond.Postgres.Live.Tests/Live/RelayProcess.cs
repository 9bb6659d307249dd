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
        _process = Process.Start(new ProcessStartInfo("dotnet", [program, world.Database.ConnectionString, world.SharedTier, world.Slot, world.Outbox is null ? "log" : "outbox"]) { RedirectStandardOutput = true })!;
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

    /// <summary>Kills whichever follows, again and again while rows are written, and sees that nothing is stale when it is quiet; then, while one still follows, whatever else must be so.</summary>
    public static async Task KillAtRandomAsync(World world, TimeSpan time, int betweenMillisecondsMax, TimeSpan bound, Func<Task>? atRest = null)
    {
        var random = new Random(7);
        List<RelayProcess> relays = [new(world), new(world)];
        List<double> handOvers = [];
        await World.UntilAsync(() => relays.Exists(one => one.Follows) && relays.Exists(one => one.StandsBy), "one follows and one stands by");
        var writes = await Traffic.RunAsync(world, time, TimeSpan.FromMilliseconds(2), async isOver =>
        {
            while (!isOver())
            {
                await Task.Delay(random.Next(300, betweenMillisecondsMax));
                var leader = relays.Find(one => one.Follows)!;
                relays.Remove(leader);
                var killed = Stopwatch.StartNew();
                await leader.DisposeAsync();
                await World.UntilAsync(() => relays.Exists(one => one.Follows), "another takes over");
                handOvers.Add(killed.Elapsed.TotalMilliseconds);
                relays.Add(new(world));
            }
        });
        var quiet = await world.QuietAsync(bound);
        await (atRest?.Invoke() ?? Task.CompletedTask);
        TestContext.Current.TestOutputHelper?.WriteLine($"{writes} writes, {handOvers.Count} kills, hand-over {handOvers.Order().ElementAt(handOvers.Count / 2):F0} ms at the median, {handOvers.Max():F0} at most; 0 stale after {quiet}");
        foreach (var relay in relays)
        {
            await relay.DisposeAsync();
        }
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
