namespace Millpond.Writing.Behind;

/// <summary>Whatever writes behind in one cache: keyspaces and counters, by name.</summary>
internal sealed class BehindHost(string cache, IEnumerable<IKeyspaceHandle> keyspaces, IReadOnlyList<ICountersHandle> counters)
{
    private readonly (string Name, IBehind Behind)[] _all =
        [.. keyspaces.Where(one => one.Behind is not null).Select(one => (one.Name, one.Behind!)), .. counters.Select(one => (one.Name, one.Behind))];

    public IReadOnlyList<WriteBehindStatistics> Statistics() => [.. _all.Select(one => one.Behind.Statistics())];

    public IBehind Of(string name) => _all.FirstOrDefault(one => one.Name == name).Behind ?? throw new MillpondException(
        ErrorCode.UnknownKeyspace,
        $"cache '{cache}' has no keyspace or counters '{name}' with write-behind. There are: {string.Join(", ", _all.Select(one => one.Name))}. Declare it with WriteBehind or AddMergedCounters, or correct the name.")
    {
        Keyspace = name,
    };

    /// <summary>What counters of this name are injected as; null if there are none.</summary>
    public object? CountersOf(string name) => counters.FirstOrDefault(one => one.Name == name)?.Face;

    /// <summary>The names of the counters that are injected as this.</summary>
    public IEnumerable<string> CountersOf<TFace>() => counters.Where(one => one.Face is TFace).Select(one => one.Name);

    /// <summary>Flushes and ends the counters; keyspaces end with their handles.</summary>
    public async ValueTask DisposeCountersAsync()
    {
        foreach (var one in counters)
        {
            await one.Behind.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Opens the journals. One that is unfit keeps the program from starting; one that is away is tried again by whoever writes or loads.</summary>
    public async ValueTask StartAsync()
    {
        foreach (var (_, behind) in _all)
        {
            await behind.StartAsync().ConfigureAwait(false);
        }
    }
}
