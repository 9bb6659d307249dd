using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>A cache as a program builds it, with nothing tuned but its room and the time entries live.</summary>
internal sealed class BuiltCache : IDisposable
{
    private const string ByText = "by-text";
    private static readonly TimeSpan TimeToLive = TimeSpan.FromHours(1);
    private readonly ServiceProvider _services;

    // The loader runs on the thread that asks, as nothing here has to be waited for.
    [ThreadStatic]
    private static long _loads;

    /// <param name="bytesMax">Its budget.</param>
    /// <param name="loaded">What its keyspace of strings loads for each key; without it nothing is loaded.</param>
    /// <param name="trackedKeysMax">How many keys are followed to find the hot ones.</param>
    public BuiltCache(long bytesMax, byte[]? loaded = null, int trackedKeysMax = 128)
    {
        var services = new ServiceCollection();
        services.AddMillpondHybridCache(hybrid => hybrid.Policy.TimeToLive = TimeToLive);
        services.AddMillpond(cache => cache
            .Configure(options =>
            {
                options.LocalBytesMax = bytesMax;
                options.HotKeys.TrackedKeysMax = trackedKeysMax;
            })
            .AddKeyspace<int, byte[]>("by-number", keyspace => keyspace.TimeToLive(TimeToLive))
            .AddKeyspace<string, byte[]>(ByText, keyspace =>
            {
                keyspace.TimeToLive(TimeToLive).AllowUnorderedSets();
                if (loaded is not null)
                {
                    keyspace.Load((_, _) =>
                    {
                        _loads++;
                        return new(loaded);
                    });
                }
            }));
        _services = services.BuildServiceProvider();
        Numbers = _services.GetRequiredService<IKeyspace<int, byte[]>>();
        Texts = _services.GetRequiredService<IKeyspace<string, byte[]>>();
        Hybrid = _services.GetRequiredService<HybridCache>();
    }

    /// <summary>Loads of this thread, of all caches.</summary>
    public static long Loads => _loads;

    public IKeyspace<int, byte[]> Numbers { get; }

    public IKeyspace<string, byte[]> Texts { get; }

    public HybridCache Hybrid { get; }

    public KeyspaceStatistics OfTexts => _services.GetRequiredService<ICache>().Statistics().Keyspaces.Single(one => one.Name == ByText);

    public void Dispose() => _services.Dispose();
}
