using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millpond;

namespace Catalog.Shop;

/// <summary>What a start has to do with the run before: where each instance leaves its keys, and when it is warm.</summary>
internal static class WarmStart
{
    /// <summary>The tag of what readiness asks.</summary>
    public const string Ready = "ready";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>Beside the database; instances write at the same moment, so each has its own.</summary>
    public static string FolderOf(string database, int instance) =>
        Path.Combine(Path.GetDirectoryName(database)!, "keys", instance.ToString(CultureInfo.InvariantCulture));

    /// <summary>Waits until readiness is green, as whoever sends an instance its traffic does, and returns what was warmed up.</summary>
    public static async Task<IReadOnlyList<WarmUpStatistics>> UntilReadyAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var checks = services.GetRequiredService<HealthCheckService>();
        while ((await checks.CheckHealthAsync(check => check.Tags.Contains(Ready), cancellation)).Status != HealthStatus.Healthy)
        {
            await Task.Delay(BetweenLooks, cancellation);
        }

        return [.. services.GetRequiredService<ICache>().Statistics().Keyspaces.Select(one => one.WarmUp).OfType<WarmUpStatistics>()];
    }
}
