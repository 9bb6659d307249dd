using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Telemetry;

/// <summary>A process whose meter is read, with one keyspace called <c>thing</c>.</summary>
internal sealed class Watched(ServiceProvider provider, Meters meters)
{
    public Meters Meters => meters;

    public ServiceProvider Services => provider;

    public IKeyspace<int, string> Things => provider.GetRequiredService<IKeyspace<int, string>>();

    public static Watched In(
        Caches caches, Source source, Action<KeyspaceBuilder<int, string>>? declare = null, ISharedTier? tier = null,
        Action<MillpondBuilder>? more = null, ILoggerProvider? logs = null, Func<string, bool>? only = null)
    {
        var meters = new Meters(only);
        var provider = caches.Add(
            m =>
            {
                m.AddKeyspace<int, string>("thing", k =>
                {
                    k.Policy(p => p.Jitter = 0);
                    k.Load(source.LoadAsync);
                    declare?.Invoke(k);
                });
                more?.Invoke(m);
            },
            tier,
            more: services =>
            {
                services.AddSingleton<IMeterFactory>(meters);
                if (logs is not null)
                {
                    services.AddLogging(logging => logging.AddProvider(logs).SetMinimumLevel(LogLevel.Trace));
                }
            });
        return new Watched(provider, meters);
    }
}
