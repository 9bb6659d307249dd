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

    /// <summary>Any of the primaries, as soon as there is one.</summary>
    public async Task<RedisServer> PrimaryAsync()
    {
        await engine.WholeAsync();
        var primaries = await engine.PrimariesAsync();
        return primaries.Count > 0 ? primaries[random.Next(primaries.Count)] : throw new InvalidOperationException("There is no primary, though the engine was whole a moment ago.");
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
