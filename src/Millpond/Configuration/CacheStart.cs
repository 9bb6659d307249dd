using Microsoft.Extensions.Hosting;

namespace Millpond;

/// <summary>
/// Starts a cache with its host: building it has validated its settings, so a program with a fault in them does not start; connecting probes the shared tier. A
/// shared tier that is away does not keep the program from starting, and neither does a warm-up: that goes on aside, and <see cref="MillpondReadyCheck"/> says when it is over.
/// </summary>
internal sealed class CacheStart(CacheHost cache) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => cache.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => cache.StopWarmUpsAsync().AsTask();
}
