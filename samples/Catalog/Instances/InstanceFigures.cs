using Catalog.Load;
using Catalog.Page;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millpond;

namespace Catalog.Instances;

/// <summary>Makes this instance's totals: from the same counters as its page, and from Millpond's health check for the shared tier.</summary>
internal sealed class InstanceFigures(Sampler sampler, LoadFigures load, MillpondHealthCheck health)
{
    private const string TierKey = ".shared_tier";
    private const string SilentKey = ".silent_keyspaces";

    public async ValueTask<InstanceTotals> NowAsync(CancellationToken cancellation)
    {
        HealthCheckResult stands = await health.CheckHealthAsync(new HealthCheckContext(), cancellation);
        Totals now = sampler.Now();
        return new InstanceTotals
        {
            At = now.At,
            Requests = now.Requests,
            Failures = now.Failures,
            Broken = load.Broken,
            Local = now.Local,
            Shared = now.Shared,
            Misses = now.Misses,
            Loads = now.Sum("millpond.loads"),
            Coalesced = now.Sum("millpond.coalesced"),
            Reads = now.Reads,
            ReadsWithoutCache = now.ReadsWithoutCache,
            Tier = Of<string>(stands, TierKey) ?? "",
            Heard = Of<string[]>(stands, SilentKey) is { Length: 0 },
        };
    }

    /// <summary>The sample has one cache, so the first is the only one.</summary>
    private static T? Of<T>(HealthCheckResult stands, string key)
        where T : class => stands.Data.FirstOrDefault(of => of.Key.EndsWith(key, StringComparison.Ordinal)).Value as T;
}
