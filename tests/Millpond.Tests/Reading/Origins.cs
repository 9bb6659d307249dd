using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>Where a value is said to have come from.</summary>
public sealed class Origins
{
    [Fact]
    public void A_stale_value_that_was_held_here_came_from_here_when_its_load_failed() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source, k => k.Policy(p => p.StaleIfError = TimeSpan.FromHours(1)));
        Assert.Equal(ReadOrigin.Source, (await things.ReadAsync(7)).Origin);
        caches.Advance(TimeSpan.FromMinutes(6));
        source.Failure = new IOException("away");

        var reading = await things.ReadAsync(7);

        Assert.Equal((StaleReason.Expired, ReadOrigin.Local), (reading.Stale, reading.Origin));
    });

    [Fact]
    public void A_stale_value_that_another_process_stored_came_from_the_shared_tier_when_its_load_failed() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var there = caches.Add(source, k => k.Policy(p => p.StaleIfError = TimeSpan.FromHours(1)));
        await there.GetAsync(7);
        caches.Advance(TimeSpan.FromMinutes(6));
        source.Failure = new IOException("away");
        var here = caches.Add(source, k => k.Policy(p => p.StaleIfError = TimeSpan.FromHours(1)));

        var reading = await here.ReadAsync(7);

        Assert.Equal((StaleReason.Expired, ReadOrigin.Shared), (reading.Stale, reading.Origin));
    }, sharedBytes: 1 << 20);
}
