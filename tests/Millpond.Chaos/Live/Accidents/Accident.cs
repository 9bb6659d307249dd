using System.Globalization;

namespace Millpond.Chaos.Live.Accidents;

/// <summary>One kind of thing that goes wrong.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="IsFor">Whether it can happen on an engine.</param>
/// <param name="HappenAsync">Lets it happen; returns when the engine is whole again.</param>
internal sealed record Accident(string Name, Func<EngineSet, bool> IsFor, Func<Scene, Task> HappenAsync)
{
    public static readonly IReadOnlyList<Accident> All =
    [
        new("kill and restart empty", _ => true, scene => KillAsync(scene, keepsSnapshot: false)),
        new("kill and restart from a snapshot", _ => true, scene => KillAsync(scene, keepsSnapshot: true)),
        new("kill until another takes over", set => set.FailsOver, KillUntilTakenOverAsync),
        new("failover asked for", set => set.FailsOver, FailOverAsync),
        new("pause a node", _ => true, scene => PauseAsync(scene, scene.LongPause)),
        new("cut a node off", _ => NetworkCut.IsPossible, CutAsync),
        new("flush scripts", _ => true, scene => OnEachAsync(scene, "SCRIPT", "FLUSH")),
        new("end push connections", _ => true, scene => OnEachAsync(scene, "CLIENT", "KILL", "TYPE", "pubsub")),
        new("end all connections", _ => true, scene => OnEachAsync(scene, "CLIENT", "KILL", "TYPE", "normal")),
        new("evict at random", _ => true, EvictAsync),
        new("fill the memory", _ => true, FillAsync),
        new("kill a worker", _ => true, scene => scene.ReplaceWorkerAsync()),
        new("pause a worker", _ => true, scene => scene.PauseWorkerAsync()),
    ];

    private static async Task KillAsync(Scene scene, bool keepsSnapshot)
    {
        var node = await scene.PrimaryAsync();
        if (keepsSnapshot)
        {
            await scene.Engine.TellAsync(node, "SAVE");

            // So that what comes back is old.
            await Task.Delay(1_000);
        }

        await node.KillAsync();
        if (!keepsSnapshot)
        {
            File.Delete(Path.Combine(node.Folder, "dump.rdb"));
        }

        await Task.Delay(scene.Random.Next(300));
        await node.LaunchAsync();
        await scene.Engine.WholeAsync();
    }

    private static async Task KillUntilTakenOverAsync(Scene scene)
    {
        var node = await scene.PrimaryAsync();
        await node.KillAsync();
        await scene.Engine.TakenOverAsync(node);
        await Task.Delay(scene.Random.Next(500));
        await node.LaunchAsync();
        await scene.Engine.WholeAsync();
    }

    private static async Task FailOverAsync(Scene scene)
    {
        await scene.Engine.FailOverAsync(await scene.PrimaryAsync());
        await scene.Engine.WholeAsync();
    }

    private static async Task PauseAsync(Scene scene, TimeSpan time)
    {
        var node = await scene.PrimaryAsync();
        await node.PauseAsync();
        await Task.Delay(time);
        await node.ResumeAsync();
        await scene.Engine.WholeAsync();
    }

    private static async Task CutAsync(Scene scene)
    {
        var node = await scene.PrimaryAsync();
        await NetworkCut.CutAsync(node);
        await Task.Delay(scene.LongPause / 2);
        await NetworkCut.HealAsync(node);
        await scene.Engine.WholeAsync();
    }

    private static async Task OnEachAsync(Scene scene, string command, params Resp.RespArgument[] arguments)
    {
        foreach (var node in await scene.Engine.PrimariesAsync())
        {
            await scene.Engine.TellAsync(node, command, arguments);
        }
    }

    /// <summary>Other people's keys take the memory, and the engine evicts whichever it likes: records, leases, control records.</summary>
    private static async Task EvictAsync(Scene scene)
    {
        var node = await scene.PrimaryAsync();
        var ours = (await scene.Engine.TellAsync(node, "RANDOMKEY")).Text ?? "{nothing}";
        await scene.Engine.TellAsync(node, "DEBUG", "POPULATE", 20_000, ours[..(ours.IndexOf('}', StringComparison.Ordinal) + 1)] + "other", 100);
        var used = long.Parse(Field(await scene.Engine.TellAsync(node, "INFO", "memory"), "used_memory:"), CultureInfo.InvariantCulture);
        await scene.Engine.TellAsync(node, "CONFIG", "SET", "maxmemory-policy", "allkeys-random");
        await scene.Engine.TellAsync(node, "CONFIG", "SET", "maxmemory", used - (used / 4));
        await Task.Delay(2_000);
        await scene.Engine.TellAsync(node, "CONFIG", "SET", "maxmemory", 0);
        scene.Note($"{Field(await scene.Engine.TellAsync(node, "INFO", "stats"), "evicted_keys:")} keys evicted by now");
    }

    /// <summary>The memory is full and nothing is evicted: every write is refused.</summary>
    private static async Task FillAsync(Scene scene)
    {
        var node = await scene.PrimaryAsync();
        await scene.Engine.TellAsync(node, "CONFIG", "SET", "maxmemory-policy", "noeviction");
        await scene.Engine.TellAsync(node, "CONFIG", "SET", "maxmemory", 1);
        await Task.Delay(3_000);
        await scene.Engine.TellAsync(node, "CONFIG", "SET", "maxmemory", 0);
    }

    private static string Field(Resp.RespValue text, string name) =>
        text.Text!.Split('\n', StringSplitOptions.TrimEntries).First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..];
}
