using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millpond;

/// <summary>
/// Says whether the caches of this process are warm: healthy once every keyspace's warm-up has ended, well or badly, or its time is over. Until then the failure status that it was registered with, and which keyspace has read how many of
/// how many keys. Register it for readiness with <c>AddHealthChecks().AddCheck&lt;MillpondReadyCheck&gt;("millpond-ready", tags: ["ready"])</c>, and let only readiness ask it: a process that is warming up is alive.
/// </summary>
/// <param name="services">The program's services.</param>
public sealed class MillpondReadyCheck(IServiceProvider services) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var waits = new List<string>();
        var data = new Dictionary<string, object>();

        // Not those that have been built: before its host starts, a cache has not, and is not warm either.
        foreach (var name in services.GetServices<CacheName>().Select(cache => cache.Name))
        {
            foreach (var keyspace in services.GetRequiredKeyedService<CacheHost>(name).Keyspaces)
            {
                if (keyspace.WarmUp?.Statistics is { } figures)
                {
                    data[$"{name}.{keyspace.Name}.warm_up"] = $"{figures.State}: {figures.Done} of {figures.Keys}";
                    if (figures.State is WarmUpState.Waiting or WarmUpState.Running)
                    {
                        waits.Add($"Cache {name} is warming up keyspace {keyspace.Name}: {figures.Done} of {figures.Keys} keys known so far have been read in {figures.Time.TotalSeconds:F1} s.");
                    }
                }
            }
        }

        return Task.FromResult(waits.Count == 0
            ? HealthCheckResult.Healthy("Every cache is warm.", data)
            : new HealthCheckResult(context.Registration?.FailureStatus ?? HealthStatus.Unhealthy, string.Join(" ", waits), null, data));
    }
}
