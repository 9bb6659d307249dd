using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.Policies;
using Millpond.Runtime;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Network;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Processes;

/// <summary>One process: the real library, registered as an application would, on simulated surroundings and behind one link and one gate.</summary>
internal sealed class SimulatedProcess : INode
{
    private readonly ServiceProvider _provider;
    private readonly IKeyspace<int, Row>[] _plain;
    private readonly ITenantKeyspace<int, Row> _owned;

    public SimulatedProcess(int number, Gate gate, Link link, LinkedTier tier, Surroundings surroundings, ProtocolRules rules, LoadMeter meter, SimulatedSource source, Catalogue catalogue)
    {
        (Number, Gate, Link, Tier) = (number, gate, link, tier);
        Signals = new Signals(link.Agenda);
        var services = new ServiceCollection();
        services.AddSingleton(surroundings);
        services.AddSingleton(rules);
        services.AddSingleton<CacheListener>(Signals);
        services.AddMillpond(m =>
        {
            m.UseSharedTier(_ => tier);
            // Small enough that entries are evicted, large enough that most stay.
            m.Configure(o =>
            {
                o.LocalBytesMax = 64 << 10;
                // So low that with a few clients there are always some, and they wait for their turns.
                (o.HotKeys.ShareMin, o.HotKeys.ReadsPerSecondMin, o.HotKeys.HoldTime, o.HotKeys.AsksPerSecondMax) = (0.1, 1, TimeSpan.FromSeconds(5), 1);
                o.Sources["default"].ConcurrentLoadsMax = SimulatedSource.ConcurrentLoadsMax;
            });
            Declaration.Of(m, meter, source, catalogue);
        });
        _provider = services.BuildServiceProvider();
        _plain = [.. Space.All.Where(space => space.Tenants == 1).Select(space => _provider.GetRequiredKeyedService<IKeyspace<int, Row>>(space.Name))];
        _owned = _provider.GetRequiredService<ITenantKeyspace<int, Row>>();
    }

    public int Number { get; }

    public Gate Gate { get; }

    public Link Link { get; }

    public LinkedTier Tier { get; }

    public Signals Signals { get; }

    public IKeyspace<int, Row> Of(Space space, int tenant) =>
        space.Tenants > 1 ? _owned.ForTenant(Catalogue.TenantName(tenant)) : _plain[space.Number];

    public IKeyspace<int, Row> Of(Item item) => Of(item.Space, item.Tenant);

    /// <summary>The simulation is over: lets go of what the process, which never ended, holds in ours, such as its meters, which the platform lists.</summary>
    public void Bury() => _provider.Dispose();

    public ValueTask InvalidateTenantAsync(int tenant) => _owned.InvalidateTenantAsync(Catalogue.TenantName(tenant));

    public ValueTask InvalidateAllAsync(Space space) => space.Tenants > 1 ? _owned.InvalidateAllAsync() : _plain[space.Number].InvalidateAllAsync();
}
