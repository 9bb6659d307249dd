using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;

namespace Millpond.Telemetry;

/// <summary>What listens to one cache by default, and then whatever else is registered as a listener.</summary>
internal sealed class CacheTelemetry : IDisposable
{
    private readonly Instruments _instruments;
    private readonly KeyspaceNames _names;
    private ObservedCache? _observed;

    public CacheTelemetry(KeyspaceNames names, IServiceProvider services)
    {
        _names = names;
        _instruments = services.GetRequiredService<Instruments>();
        Listener = new CompositeListener([new MetricsListener(_instruments, names), .. services.GetServices<CacheListener>()]);
    }

    public CacheListener Listener { get; }

    /// <summary>From now on the meter shows what the cache counts.</summary>
    public void Observe(CacheHost cache)
    {
        var holdsValues = cache.Tier.Capabilities.HoldsValues;
        _observed = new ObservedCache(
            cache.Name, [.. cache.Keyspaces.Select(one => new ObservedKeyspace(one, _names[one.Name], holdsValues))], cache.Sources);
        _instruments.Observe(_observed);
    }

    public void Dispose()
    {
        if (_observed is not null)
        {
            _instruments.Forget(_observed);
        }
    }
}
