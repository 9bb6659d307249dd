using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Writing;

public sealed class SlidingSets
{
    [Fact]
    public void A_value_that_was_set_slides_on_in_the_shared_tier_while_it_is_read_here() => Caches.Run(async caches =>
    {
        var cache = caches.Add(_ => { }).GetRequiredService<ICache>();
        var hour = new EntryOptions { TimeToLive = TimeSpan.FromHours(1), Sliding = TimeSpan.FromMinutes(10) };
        await cache.SetAsync("seven", "value", hour);

        caches.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal("value", await cache.GetAsync<string>("seven"));
        caches.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("value", await cache.GetAsync<string>("seven"));
        caches.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(await cache.GetAsync<string>("seven"));
    }, sharedBytes: 1 << 20);
}
