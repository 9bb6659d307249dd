using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millpond.Overload;
using Millpond.Telemetry;

namespace Millpond;

/// <summary>
/// Says how the caches of this process stand: healthy, or degraded with the reasons. Never unhealthy, because a cache without its shared tier still
/// answers from the source. Reads what this process knows already and sends no command. Register it with <c>AddHealthChecks().AddCheck&lt;MillpondHealthCheck&gt;("millpond")</c>.
/// </summary>
/// <param name="services">The program's services.</param>
public sealed class MillpondHealthCheck(IServiceProvider services) : IHealthCheck
{
    // Ten signs of life of a feed that nothing keeps from applying.
    private static readonly TimeSpan LagMax = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var reasons = new List<string>();
        var data = new Dictionary<string, object>();
        foreach (var cache in services.GetService<Instruments>()?.Caches ?? [])
        {
            Check(cache, reasons, data);
        }

        return Task.FromResult(reasons.Count == 0 ? HealthCheckResult.Healthy("Every cache is whole.", data) : HealthCheckResult.Degraded(string.Join(" ", reasons), null, data));
    }

    private static void Check(ObservedCache cache, List<string> reasons, Dictionary<string, object> data)
    {
        var tier = cache.Tier.Capabilities;
        string[] silent = [.. cache.Keyspaces.Where(one => !one.Keyspace.IsTrusted).Select(one => one.Keyspace.Name)];
        var deferred = cache.Keyspaces.Sum(one => one.Keyspace.DeferredChanges);
        reasons.AddRange(tier.Shortfalls.Select(shortfall => $"Cache {cache.Name} lacks a guarantee on '{tier.Product}': {shortfall}"));
        if (silent.Length > 0)
        {
            reasons.Add($"Cache {cache.Name} has not heard from the shared tier for two heartbeats, so nothing held counts as fresh in: {string.Join(", ", silent)}.");
        }

        if (deferred > 0)
        {
            reasons.Add($"Cache {cache.Name} has {deferred} changes that the shared tier has not been told yet.");
        }

        string[] broken = [.. cache.Sources.Where(source => source.Value.Breaker != BreakerState.Closed).Select(source => source.Key).Order()];
        if (broken.Length > 0)
        {
            reasons.Add($"Cache {cache.Name} leaves sources alone that fail: {string.Join(", ", broken)}.");
        }

        string[] away = [.. cache.Keyspaces.Where(one => one.Keyspace.Guards.Any(guard => guard.State != BreakerState.Closed)).Select(one => one.Keyspace.Name)];
        if (away.Length > 0)
        {
            reasons.Add($"Cache {cache.Name} leaves the shared tier alone, which fails or is slow, and reads from the source in: {string.Join(", ", away)}.");
        }

        data[$"{cache.Name}.keyspaces_without_shared_tier"] = away;
        data[$"{cache.Name}.broken_sources"] = broken;

        foreach (var feed in cache.Feeds())
        {
            if (ReasonOf(cache.Name, feed) is { } reason)
            {
                reasons.Add(reason);
            }

            data[$"{cache.Name}.feed.{feed.Name}"] = feed.State.ToString();
        }

        foreach (var one in cache.WriteBehind())
        {
            if (one.IsLate || one.State == FlusherState.Failing)
            {
                reasons.Add($"Cache {cache.Name} has {one.Records} writes of {one.Keyspace} that are not in the source yet, the oldest for {one.Lag?.TotalSeconds ?? 0:F0} s: {one.LastFailure ?? "the source does not keep up"}");
            }

            if (one.DeadLetters > 0)
            {
                reasons.Add($"Cache {cache.Name} has {one.DeadLetters} writes of {one.Keyspace} that the source refused, or that wait behind such. Retry or discard them (ICache.WriteBehind).");
            }

            data[$"{cache.Name}.write_behind.{one.Keyspace}"] = $"{one.State}, journal {one.Journal}, an acknowledgement survives {one.Survives}";
        }

        data[$"{cache.Name}.shared_tier"] = tier.Product;
        data[$"{cache.Name}.shortfalls"] = tier.Shortfalls;
        data[$"{cache.Name}.silent_keyspaces"] = silent;
        data[$"{cache.Name}.deferred_changes"] = deferred;
        data[$"{cache.Name}.local_entries"] = cache.Keyspaces.Sum(one => one.Keyspace.Entries);
        data[$"{cache.Name}.local_bytes"] = cache.Keyspaces.Sum(one => one.Keyspace.Bytes);
    }

    private static string? ReasonOf(string cache, FeedStatistics feed) => feed switch
    {
        { State: Feeds.FeedState.Failing or Feeds.FeedState.Connecting } => $"Cache {cache} does not follow the change feed {feed.Name}, so changes made past the application may be noticed late: {feed.Detail}",
        { State: Feeds.FeedState.CutOff } => $"Cache {cache} is cut off from the home database of the change feed {feed.Name}, so what it serves may be as old as that: {feed.Detail}",
        { State: Feeds.FeedState.Following, Lag: { } lag } when lag > LagMax => $"Cache {cache} is {lag.TotalSeconds:F0} s behind on the change feed {feed.Name}.",
        _ => null,
    };
}
