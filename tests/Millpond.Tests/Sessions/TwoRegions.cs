using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Millpond.Events;
using Millpond.Feeds;
using Millpond.Policies;
using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Testing.Feeds;
using Millpond.Tests.Rig;
using Millpond.Tests.Telemetry;

namespace Millpond.Tests.Sessions;

/// <summary>A home region with the database that is written to, and a far one with a replica of it. Each has a shared tier of its own; what was committed at home comes to the replica when the test says so.</summary>
internal sealed class TwoRegions
{
    public const string Table = "public.things";
    public const int K = 7;

    private readonly Caches _caches;
    private readonly ProtocolRules _rules;

    private TwoRegions(Caches caches, ProtocolRules? rules)
    {
        (_caches, _rules) = (caches, rules ?? ProtocolRules.Standard);
        Log = new InMemorySource(caches.Surroundings);
        Replica = Log.NewReplica();
        FarTier = new InProcessSharedTier(new InProcessSharedTierOptions { PayloadBytesMax = 1 << 20 }, caches.Surroundings);
    }

    public static void Run(Func<TwoRegions, Task> test, ProtocolRules? rules = null) => Caches.Run(async caches =>
    {
        var regions = new TwoRegions(caches, rules);
        regions.Commit(K, "v1");
        regions.Replicate();
        await test(regions);
    }, sharedBytes: 1 << 20);

    public Caches Caches => _caches;

    public InMemorySource Log { get; }

    public InMemoryReplica Replica { get; }

    public InProcessSharedTier FarTier { get; }

    public Source Rows { get; } = new();

    public Source FarRows { get; } = new();

    public Heard Heard { get; } = new();

    public Logs Logs { get; } = new();

    /// <summary>A process of the home region.</summary>
    public IKeyspace<int, string> AtHome(ISharedTier? tier = null) => Add(Rows, Log.NewFeed(), tier ?? _caches.Shared);

    /// <summary>A process of the far region.</summary>
    public IKeyspace<int, string> Far(IChangeFeed? feed = null, ISharedTier? tier = null, Action<KeyspaceBuilder<int, string>>? declare = null) => Add(FarRows, feed ?? Replica.NewFeed(), tier ?? FarTier, declare);

    public void Commit(int id, string note)
    {
        Rows[id] = note;
        Log.Commit(new RowChange(Table, RowChangeKind.Update, new RowValues(["id"], [$"{id}"]), new RowValues(["id", "note"], [$"{id}", note])));
        _caches.Settle();
    }

    /// <summary>Brings to the far database what was committed at home.</summary>
    public void Replicate(int commitsMax = int.MaxValue)
    {
        foreach (var row in Replica.Replicate(commitsMax))
        {
            FarRows[row.New!.Get<int>("id")] = row.New.Get<string>("note");
        }

        _caches.Settle();
    }

    public Task<HealthCheckResult> FarHealthAsync() => new MillpondHealthCheck(_far!).CheckHealthAsync(new HealthCheckContext());

    public FeedStatistics FarFeed => _far!.GetRequiredService<ICache>().Statistics().Feeds.Single();

    private ServiceProvider? _far;

    private IKeyspace<int, string> Add(Source rows, IChangeFeed feed, ISharedTier tier, Action<KeyspaceBuilder<int, string>>? declare = null)
    {
        var process = _caches.Add(
            m => m.AddChangeFeed("shop", _ => feed).AddKeyspace<int, string>("thing", k =>
            {
                k.Policy(p => p.Jitter = 0);
                k.Load(rows.LoadAsync).ChangedBy(Table, "id");
                declare?.Invoke(k);
            }),
            tier,
            more: services =>
            {
                services.AddSingleton(_rules);
                services.AddSingleton<CacheListener>(Heard);
                services.AddLogging(logging => logging.AddProvider(Logs));
            });
        _ = process.GetRequiredKeyedService<CacheHost>("default").StartAsync(default);
        _caches.Settle();
        _caches.Advance(TimeSpan.FromSeconds(2));
        _far = ReferenceEquals(rows, FarRows) ? process : _far;
        return process.GetRequiredService<IKeyspace<int, string>>();
    }
}
