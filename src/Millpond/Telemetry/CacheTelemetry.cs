using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millpond.Events;
using Millpond.Runtime;

namespace Millpond.Telemetry;

/// <summary>What listens to one cache by default, and then whatever else is registered as a listener.</summary>
internal sealed class CacheTelemetry : IDisposable
{
    private readonly Instruments _instruments;
    private readonly KeyspaceNames _names;
    private readonly LogListener _log;
    private readonly WriteBehindLog _writeBehind;
    private ObservedCache? _observed;

    public CacheTelemetry(KeyspaceNames names, IServiceProvider services, Surroundings surroundings)
    {
        _names = names;
        _instruments = services.GetRequiredService<Instruments>();
        var log = services.GetService<ILoggerFactory>()?.CreateLogger("Millpond") ?? NullLogger.Instance;
        _log = new LogListener(log, names, surroundings);
        _writeBehind = new WriteBehindLog(log, names.Cache, surroundings);
        Listener = new CompositeListener([new MetricsListener(_instruments, names), new TraceListener(names), _log, _writeBehind, new WarmUpLog(log, names.Cache), .. services.GetServices<CacheListener>()]);
    }

    public CacheListener Listener { get; }

    /// <summary>From now on the meter shows what the cache counts.</summary>
    public void Observe(CacheHost cache)
    {
        var holdsValues = cache.Tier.Capabilities.HoldsValues;
        _observed = new ObservedCache(
            cache.Name, cache.Tier, [.. cache.Keyspaces.Select(one => new ObservedKeyspace(one, _names[one.Name], holdsValues))], cache.Sources, cache.Feeds.Statistics, cache.Behind.Statistics);
        _instruments.Observe(_observed);
    }

    public void Dispose()
    {
        _log.Dispose();
        _writeBehind.Dispose();
        if (_observed is not null)
        {
            _instruments.Forget(_observed);
        }
    }
}
