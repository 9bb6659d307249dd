using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Coordination;

/// <summary>
/// So many permits in each window, for all processes together: a counter that lives as long as a window, which its first permit begins. While the shared tier is away each process grants
/// as many on its own.
/// </summary>
/// <remarks>Asking costs a round trip, so what is asked without waiting (<see cref="RateLimiter.AttemptAcquire"/>) is always refused; ASP.NET Core then waits.</remarks>
internal sealed class SharedRateLimiter(ISharedTier tier, SharedKey key, int permits, TimeSpan window, Surroundings surroundings) : RateLimiter
{
    private readonly Lock _gate = new();
    private long _granted;
    private long _refused;
    private long _lastAskedAt = surroundings.Now;
    private long _aloneUntil;
    private long _grantedAlone;

    public override TimeSpan? IdleDuration => TimeSpan.FromTicks(surroundings.Now - Volatile.Read(ref _lastAskedAt));

    public override RateLimiterStatistics GetStatistics() => new()
    {
        CurrentAvailablePermits = 0,
        CurrentQueuedCount = 0,
        TotalSuccessfulLeases = Volatile.Read(ref _granted),
        TotalFailedLeases = Volatile.Read(ref _refused),
    };

    protected override RateLimitLease AttemptAcquireCore(int permitCount) => new Lease(IsAcquired: false, null);

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permitCount, permits);
        Volatile.Write(ref _lastAskedAt, surroundings.Now);
        CounterReply reply;
        try
        {
            reply = await tier.CountAsync(key, new CounterAsk(permitCount, window, permits), cancellationToken).ConfigureAwait(false);
        }
        catch (SharedTierException)
        {
            reply = CountAlone(permitCount);
        }

        // Asking for none asks whether there are any.
        var isGranted = permitCount == 0 ? reply.Sum < permits : reply.IsCounted;
        Interlocked.Increment(ref isGranted ? ref _granted : ref _refused);
        return new Lease(isGranted, isGranted ? null : reply.TimeLeft ?? window);
    }

    private CounterReply CountAlone(int permitCount)
    {
        lock (_gate)
        {
            var now = surroundings.Now;
            if (now >= _aloneUntil)
            {
                (_aloneUntil, _grantedAlone) = (now + window.Ticks, 0);
            }

            var isCounted = _grantedAlone + permitCount <= permits;
            _grantedAlone += isCounted ? permitCount : 0;
            return new CounterReply { Sum = _grantedAlone, IsCounted = isCounted, TimeLeft = TimeSpan.FromTicks(_aloneUntil - now) };
        }
    }

    private sealed class Lease(bool IsAcquired, TimeSpan? retryAfter) : RateLimitLease
    {
        public override bool IsAcquired { get; } = IsAcquired;

        public override IEnumerable<string> MetadataNames => retryAfter is null ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name ? retryAfter : null;
            return metadata is not null;
        }
    }
}
