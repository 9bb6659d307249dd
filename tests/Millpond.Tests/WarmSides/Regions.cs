using Microsoft.Extensions.DependencyInjection;
using Millpond.Policies;
using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.WarmSides;

/// <summary>
/// Two regions on one database: the warm one has a shared tier of its own and holds the row; the cold one has an empty one, is filled from the warm one, and has been there for longer than any hold-off.
/// What is changed in one is known in the other when the test says so.
/// </summary>
internal sealed class Regions
{
    public const int K = 7;

    public static readonly TimeSpan HoldOff = TimeSpan.FromSeconds(10);

    private readonly Caches _caches;
    private readonly ProtocolRules _rules;

    private Regions(Caches caches, ProtocolRules? rules)
    {
        (_caches, _rules) = (caches, rules ?? ProtocolRules.Standard);
        Warm = new InProcessSharedTier(new InProcessSharedTierOptions { PayloadBytesMax = 1 << 20 }, caches.Surroundings);
        WayToWarm = new FaultySharedTier(Warm, caches.Surroundings, seed: 1);
        InWarm = Add(Warm, isCold: false);
        InCold = Add(caches.Shared, isCold: true);
    }

    public Source Database { get; } = new() { [K] = "v1" };

    public InProcessSharedTier Warm { get; }

    /// <summary>The way of the cold region's processes to the warm side.</summary>
    public FaultySharedTier WayToWarm { get; }

    public ServiceProvider InWarm { get; }

    public ServiceProvider InCold { get; }

    /// <summary>Runs a test that begins when the cold region may copy, with the row in the warm side and nowhere else.</summary>
    public static void Run(Func<Regions, Caches, Task> test, ProtocolRules? rules = null) => Caches.Run(async caches =>
    {
        var regions = new Regions(caches, rules);
        await regions.StartAsync(regions.InCold);
        await Things(regions.InWarm).GetAsync(K);
        await Things(regions.InCold).GetAsync(1_000);
        caches.Advance(HoldOff);
        regions.Database.Asked.Clear();
        await test(regions, caches);
    }, sharedBytes: 1 << 20);

    public static IKeyspace<int, string> Things(IServiceProvider process) => process.GetRequiredService<IKeyspace<int, string>>();

    public static KeyspaceStatistics Figures(IServiceProvider process) => process.GetRequiredService<ICache>().Statistics().Keyspaces.Single(one => one.Name == "thing");

    public Task StartAsync(ServiceProvider process) => process.Host().StartAsync(CancellationToken.None);

    /// <summary>Another process of the cold region.</summary>
    public async Task<ServiceProvider> AddColdAsync(ISharedTier? way = null, TimeSpan? holdOff = null)
    {
        var process = Add(way ?? _caches.Shared, isCold: true, holdOff);
        await StartAsync(process);
        return process;
    }

    private ServiceProvider Add(ISharedTier tier, bool isCold, TimeSpan? holdOff = null) => _caches.Add(
        m =>
        {
            m.Configure(o =>
            {
                o.WarmSideHoldOff = holdOff ?? HoldOff;
                o.SharedTierTimeoutMin = o.SharedTierTimeoutMax = TimeSpan.FromSeconds(30);
            });
            m.AddKeyspace<int, string>("thing", k => k.Policy(p => p.Jitter = 0).Load(Database.LoadAsync).Tags((key, _) => [$"tag {key}", "all"]));
            if (isCold)
            {
                m.FillFrom(_ => WayToWarm);
            }
        },
        tier,
        more: services => services.AddSingleton(_rules));
}
