using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Events;
using Millpond.Journals;
using Millpond.Policies;
using Millpond.Runtime;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Network;
using Millpond.Sim.Oracles;
using Millpond.Sim.Processes;
using Millpond.Sinks;

namespace Millpond.Sim.Behind.Fleet;

/// <summary>One process that writes behind, from its start until it is stopped or killed: the real library, registered as an application would.</summary>
internal sealed class BehindProcess
{
    private readonly ServiceProvider _provider;
    private readonly IKeyspace<int, Row>[] _keyspaces;
    private readonly Dictionary<string, IMergedCounters<int>> _counters;

    public BehindProcess(Life life, Gate gate, Link link, LinkedTier tier, ProcessSurroundings surroundings, ProtocolRules rules, BehindStores stores)
    {
        (Life, Gate, Link, Tier) = (life, gate, link, tier);
        Signals = new Signals(link.Agenda);
        var services = new ServiceCollection();
        services.AddSingleton<Surroundings>(surroundings);
        services.AddSingleton(rules);
        services.AddSingleton<CacheListener>(Signals);
        services.AddMillpond(m =>
        {
            m.UseSharedTier(_ => tier);
            // Half of the entries are evicted.
            m.Configure(o => o.LocalBytesMax = 64 << 10);
            foreach (var space in BehindSpaces.All)
                m.AddKeyspace<int, Row>(space.Name, k => Declare(k, space, stores));
            foreach (var counters in (string[])[BehindSpaces.Views, BehindSpaces.Likes])
                m.AddMergedCounters<int>(counters, _ => stores.Journal(counters), _ => stores.Sums(counters), Configure);
        });
        _provider = services.BuildServiceProvider();
        _keyspaces = [.. BehindSpaces.All.Select(space => _provider.GetRequiredKeyedService<IKeyspace<int, Row>>(space.Name))];
        _counters = new() { [BehindSpaces.Views] = Counters(BehindSpaces.Views), [BehindSpaces.Likes] = Counters(BehindSpaces.Likes) };
        Cache = _provider.GetRequiredService<ICache>();
    }

    public Life Life { get; }

    public Gate Gate { get; }

    public Link Link { get; }

    public LinkedTier Tier { get; }

    public Signals Signals { get; }

    public ICache Cache { get; }

    /// <summary>It is being stopped in an orderly way.</summary>
    public bool IsStopping { get; set; }

    public IKeyspace<int, Row> Of(Space space) => _keyspaces[space.Number];

    public IMergedCounters<int> Of(string counters) => _counters[counters];

    public async Task StartAsync()
    {
        foreach (var service in _provider.GetServices<IHostedService>())
            await service.StartAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public ValueTask StopAsync() => _provider.DisposeAsync();

    /// <summary>Lets go of what a dead process's program holds in ours: its meters, which the platform lists.</summary>
    public void Bury() => _provider.Dispose();

    private static void Declare(KeyspaceBuilder<int, Row> keyspace, Space space, BehindStores stores)
    {
        keyspace.Codec(RowCodec.Only).Weigh((_, _) => 4_000);
        keyspace.Policy(p =>
        {
            (p.TimeToLive, p.NegativeTimeToLive) = (space.TimeToLive, space.NegativeTimeToLive);
            p.LoadTimeout = TimeSpan.FromSeconds(1);
            p.WriteTimeout = TimeSpan.FromSeconds(2);
        });
        keyspace.Limits(l =>
        {
            (l.LeaseTime, l.LeaseMargin, l.LeaseWaitMax) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2));
        });
        keyspace.Load((key, _) => stores.LoadAsync(space, key));
        keyspace.WriteBehind(_ => stores.Journal(space.Name), _ => stores.Rows(space), Configure);
    }

    // Small, so that batches, back-pressure and full dead letters are met all the time.
    private static void Configure(WriteBehindOptions options)
    {
        options.BatchRecordsMax = 8;
        options.FlushDelay = TimeSpan.FromMilliseconds(20);
        options.PendingRecordsMax = 60;
        options.FullWaitMax = TimeSpan.FromMilliseconds(200);
        options.RetryPauseMax = TimeSpan.FromSeconds(1);
        options.DrainMax = TimeSpan.FromSeconds(2);
        options.DeadLettersMax = 12;
    }

    private IMergedCounters<int> Counters(string name) => _provider.GetRequiredKeyedService<IMergedCounters<int>>(name);
}
