using Millpond.Chaos.Live.Directing;
using Millpond.Engines.Live;

namespace Millpond.Chaos.Live.Accidents;

/// <summary>What an accident can lay hands on.</summary>
internal sealed class Scene(EngineSet engine, Fleet fleet, Random random, TimeSpan longPause, Action<string> note)
{
    // Past the two heartbeats that end all trust, and short of the time-out of a load, which would fail its callers when it wakes.
    private static readonly TimeSpan PauseOfWorker = TimeSpan.FromSeconds(3);

    public EngineSet Engine => engine;

    public Random Random => random;

    /// <summary>For how long something that is paused stays so.</summary>
    public TimeSpan LongPause => longPause;

    public void Note(string what) => note(what);

    public async Task<RedisServer> PrimaryAsync()
    {
        var primaries = await engine.PrimariesAsync();
        return primaries[random.Next(primaries.Count)];
    }

    public Task ReplaceWorkerAsync() => fleet.ReplaceAsync(random.Next(fleet.Count));

    public async Task PauseWorkerAsync()
    {
        var worker = fleet[random.Next(fleet.Count)];
        await worker.PauseAsync();
        await Task.Delay(PauseOfWorker);
        await worker.ResumeAsync();
    }
}
