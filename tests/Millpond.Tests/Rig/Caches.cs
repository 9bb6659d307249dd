using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Testing.Faults;
using Millpond.Testing.Time;

namespace Millpond.Tests.Rig;

/// <summary>
/// Some caches, as many processes would have them, on one shared tier and under one clock that the test holds. Whatever a test awaits here completes by itself
/// or by advancing the clock.
/// </summary>
internal sealed class Caches : IAsyncDisposable
{
    private readonly List<ServiceProvider> _providers = [];

    private Caches(long sharedBytes) => Shared = new InProcessSharedTier(new InProcessSharedTierOptions { PayloadBytesMax = sharedBytes }, Surroundings);

    /// <summary>
    /// Runs a test on one thread. What it awaits may need time: then the clock moves to the next timer by itself. What it does not await stays where it is
    /// until the test settles or advances.
    /// </summary>
    public static void Run(Func<Caches, Task> test, long sharedBytes = 0)
    {
        var caches = new Caches(sharedBytes);
        caches.Surroundings.Run(async () =>
        {
            await test(caches);
            await caches.DisposeAsync();
        });
    }

    public SimulatedSurroundings Surroundings { get; } = new(seed: 1);

    public SimulatedTime Clock => Surroundings.Clock;

    public InProcessSharedTier Shared { get; }

    /// <summary>Another process's cache.</summary>
    public ServiceProvider Add(Action<MillpondBuilder> declare, ISharedTier? tier = null, IConfiguration? configuration = null, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<Millpond.Runtime.Surroundings>(Surroundings);
        if (configuration is not null)
        {
            services.AddSingleton(configuration);
        }

        more?.Invoke(services);
        services.AddMillpond(m =>
        {
            m.UseSharedTier(_ => tier ?? Shared);
            declare(m);
        });
        var provider = services.BuildServiceProvider();
        _providers.Add(provider);
        return provider;
    }

    /// <summary>The way of one process to the shared tier, with its network in the test's hands.</summary>
    public FaultySharedTier Faulty() => new(Shared, Surroundings, seed: 1);

    /// <summary>Two processes that hold the rows 7 and 8, each with a tag of its own (<c>t7</c>, <c>t8</c>). Then the first loses the shared tier, and both rows change.</summary>
    public async Task<(IKeyspace<int, string> Here, IKeyspace<int, string> There, FaultySharedTier Tier)> CutOffWithNewsAsync()
    {
        var source = new Source { [7] = "old", [8] = "old" };
        var tier = Faulty();
        void Declare(KeyspaceBuilder<int, string> k) => k.Tags((key, _) => ["t" + key]);
        var (here, there) = (Add(source, Declare, tier), Add(source, Declare));
        await here.GetManyAsync([7, 8]);
        await there.GetManyAsync([7, 8]);
        tier.Operations.IsDown = true;
        (source[7], source[8]) = ("new", "new");
        return (here, there, tier);
    }

    /// <summary>Another process's keyspace from ints to strings, loading from <paramref name="source"/>.</summary>
    public IKeyspace<int, string> Add(Source source, Action<KeyspaceBuilder<int, string>>? declare = null, ISharedTier? tier = null, Heard? heard = null) =>
        Add(m => m.AddKeyspace<int, string>("thing", k =>
        {
            k.Policy(p => p.Jitter = 0);
            k.Load(source.LoadAsync);
            declare?.Invoke(k);
        }), tier, more: services => { if (heard is not null) { services.AddSingleton<Events.CacheListener>(heard); } }).GetRequiredService<IKeyspace<int, string>>();

    public void Advance(TimeSpan time)
    {
        Surroundings.RunUntilIdle();
        Clock.Advance(time);
        Surroundings.RunUntilIdle();
    }

    /// <summary>The cache of the how-manieth process that was added.</summary>
    public ICache Cache(int process) => _providers[process].GetRequiredService<ICache>();

    /// <summary>Ends the how-manieth process as it ends by itself.</summary>
    public Task EndAsync(int process)
    {
        var ending = _providers[process].DisposeAsync().AsTask();
        Settle();
        return ending;
    }

    /// <summary>Lets everything happen that can happen without time moving on.</summary>
    public void Settle() => Surroundings.RunUntilIdle();

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }
}
