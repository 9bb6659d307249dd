using System.Threading.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Shared;
using Millpond.Tests.Rig;
using Xunit;

namespace Millpond.Tests.Coordination;

/// <summary>Counters with a limit, and the rate limiter on top of them.</summary>
public sealed class Limiting
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    [Fact]
    public void A_window_counts_up_to_its_limit_for_all_processes_and_begins_anew() => Caches.Run(async caches =>
    {
        var (here, there) = (Add(caches), Add(caches));
        Assert.Equal(new CounterReply { Sum = 2, IsCounted = true, TimeLeft = Window }, await here.CountAsync("n", new(2, Window, Max: 3)));
        caches.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(new CounterReply { Sum = 2, IsCounted = false, TimeLeft = TimeSpan.FromSeconds(6) }, await there.CountAsync("n", new(2, Window, Max: 3)));
        Assert.Equal(3, await there.IncrementAsync("n"));
        caches.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(new CounterReply { Sum = 2, IsCounted = true, TimeLeft = Window }, await there.CountAsync("n", new(2, Window, Max: 3)));
    });

    [Fact]
    public void A_limiter_grants_its_permits_once_for_all_processes() => Caches.Run(async caches =>
    {
        var (here, there) = (Add(caches).RateLimiter("api", 3, Window), Add(caches).RateLimiter("api", 3, Window));
        Assert.True((await here.AcquireAsync(2)).IsAcquired);
        Assert.True((await there.AcquireAsync()).IsAcquired);
        caches.Advance(TimeSpan.FromSeconds(1));
        var refused = await there.AcquireAsync();
        Assert.False(refused.IsAcquired);
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter));
        Assert.Equal(TimeSpan.FromSeconds(9), retryAfter);
        Assert.False((await here.AcquireAsync(0)).IsAcquired);
        caches.Advance(retryAfter);
        Assert.True((await here.AcquireAsync(0)).IsAcquired);
        Assert.True((await here.AcquireAsync(3)).IsAcquired);
        Assert.Equal((3, 1), (here.GetStatistics()!.TotalSuccessfulLeases, here.GetStatistics()!.TotalFailedLeases));
    });

    [Fact]
    public void A_limiter_grants_nothing_without_asking() => Caches.Run(async caches =>
    {
        var limiter = Add(caches).RateLimiter("api", 3, Window);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        Assert.True((await limiter.AcquireAsync()).IsAcquired);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => limiter.AcquireAsync(4).AsTask());
    });

    [Fact]
    public void While_the_shared_tier_is_away_each_process_grants_as_many_on_its_own() => Caches.Run(async caches =>
    {
        var faulty = caches.Faulty();
        var limiter = caches.Add(_ => { }, faulty).GetRequiredService<ICache>().RateLimiter("api", 2, Window);
        faulty.Operations.IsDown = true;
        Assert.True((await limiter.AcquireAsync()).IsAcquired);
        caches.Advance(TimeSpan.FromSeconds(4));
        Assert.True((await limiter.AcquireAsync()).IsAcquired);
        var refused = await limiter.AcquireAsync();
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter));
        Assert.Equal((false, TimeSpan.FromSeconds(6)), (refused.IsAcquired, retryAfter));
        caches.Advance(retryAfter);
        Assert.True((await limiter.AcquireAsync(2)).IsAcquired);
    });

    private static ICache Add(Caches caches) => caches.Add(_ => { }).GetRequiredService<ICache>();
}
