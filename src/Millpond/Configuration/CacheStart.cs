using Microsoft.Extensions.Hosting;

namespace Millpond;

/// <summary>
/// Starts a cache with its host: building it has validated its settings, so a program with a fault in them does not start; connecting probes the shared tier. A
/// shared tier that is away does not keep the program from starting.
/// </summary>
internal sealed class CacheStart(CacheHost cache) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await cache.Tier.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Shared.SharedTierException)
        {
            // Reported by the first operation that meets it; until it answers, reads go to the source under its guard.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
