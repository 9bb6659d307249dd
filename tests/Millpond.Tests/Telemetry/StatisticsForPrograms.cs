using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Telemetry;

public sealed class StatisticsForPrograms
{
    [Fact]
    public void Each_keyspace_tells_what_it_counted_and_how_it_stands() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var process = Watched.In(caches, source, k => k.Policy(p =>
        {
            p.TimeToLive = TimeSpan.FromSeconds(10);
            p.StaleWhileRevalidate = TimeSpan.FromSeconds(30);
        }));
        source.Hold();
        Task[] callers = [process.Things.GetAsync(7).AsTask(), process.Things.GetAsync(7).AsTask(), process.Things.GetAsync(7).AsTask()];
        caches.Advance(TimeSpan.FromSeconds(2));
        source.Release();
        await Task.WhenAll(callers);
        await process.Things.GetAsync(7);
        await process.Things.GetAsync(8);
        await process.Things.GetAsync(8);
        caches.Clock.Advance(TimeSpan.FromSeconds(15));
        await process.Things.GetAsync(7);
        caches.Settle();

        var all = process.Services.GetRequiredService<ICache>().Statistics();
        var thing = Assert.Single(all.Keyspaces, one => one.Name == "thing");

        Assert.Equal((3, 0, 1), (thing.LocalHits, thing.SharedHits, thing.NegativeHits));
        Assert.Equal((2, 2, 3), (thing.Misses, thing.Coalesced, thing.Loads));
        Assert.Equal(TimeSpan.FromSeconds(4), thing.CoalescedWait);
        Assert.Equal((1, 1, 1), (thing.StaleServed[StaleReason.Expired], thing.Refreshes["stale"], thing.Evictions["replaced"]));
        Assert.Equal((2, 0, true), (thing.LocalEntries, thing.DeferredChanges, thing.IsTrusted));
        Assert.InRange(thing.LocalBytes, 1, 2_000);
        Assert.Equal("default", all.Cache);
    });
}
