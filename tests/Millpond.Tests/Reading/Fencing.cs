using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>A change reaches every flight that has not landed, whether or not it can still be joined (A34).</summary>
public sealed class Fencing
{
    [Fact]
    public void A_flight_displaced_by_a_stricter_reader_keeps_nothing_from_before_a_change() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        await caches.Add(source).GetAsync(7);
        var tier = caches.Faulty();
        var here = caches.Add(source, tier: tier);
        await here.GetAsync(1);
        var reply = tier.Operations.Gate(SharedOperation.Read, FaultPoint.AfterEffect, "7");

        var first = here.GetAsync(7).AsTask();
        var strict = here.ReadAsync(7, ReadOptions.AtMost(TimeSpan.Zero)).AsTask();
        source[7] = "new";
        await caches.Add(source).InvalidateAsync(7);
        reply.Release();
        await first;
        await strict;

        Assert.Equal("new", await here.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_flight_displaced_after_a_floor_rose_keeps_nothing_from_before_a_change() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var there = caches.Add(source);
        await there.GetAsync(7);
        var tier = caches.Faulty();
        var here = caches.Add(source, tier: tier);
        await here.GetAsync(1);
        var reply = tier.Operations.Gate(SharedOperation.Read, FaultPoint.AfterEffect, "7");

        var first = here.GetAsync(7).AsTask();
        await there.InvalidateTagAsync("unrelated");
        var second = here.GetAsync(7).AsTask();
        source[7] = "new";
        await there.InvalidateAsync(7);
        reply.Release();
        await first;
        await second;

        Assert.Equal("new", await here.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_flight_marked_once_is_marked_by_later_changes_too() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "first" };
        var there = caches.Add(source);
        await there.GetAsync(7);
        var tier = caches.Faulty();
        var here = caches.Add(source, tier: tier);
        await here.GetAsync(1);
        var request = tier.Operations.Gate(SharedOperation.Read, FaultPoint.BeforeEffect, "7");
        var reply = tier.Operations.Gate(SharedOperation.Read, FaultPoint.AfterEffect, "7");

        var read = here.GetAsync(7).AsTask();
        source[7] = "second";
        await there.InvalidateAsync(7);
        await there.GetAsync(7);
        request.Release();
        source[7] = "third";
        await there.InvalidateAsync(7);
        reply.Release();

        Assert.Equal("second", await read);
        Assert.Equal("third", await here.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_look_that_would_rather_be_refused_keeps_nothing_from_before_a_change() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var there = caches.Add(source);
        await there.GetAsync(7);
        var tier = caches.Faulty();
        var here = caches.Add(source, tier: tier);
        await here.GetAsync(1);
        var reply = tier.Operations.Gate(SharedOperation.Read, FaultPoint.AfterEffect, "7");

        var look = here.ReadAsync(7, new ReadOptions { WhenTooStale = WhenTooStale.Refuse }).AsTask();
        source[7] = "new";
        await there.InvalidateAsync(7);
        reply.Release();
        await look;

        Assert.Equal("new", await here.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void An_abandoned_flight_keeps_nothing_from_before_a_change() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var there = caches.Add(source);
        await there.GetAsync(7);
        var tier = caches.Faulty();
        var here = caches.Add(source, k => k.Policy(p => p.AbandonedLoad = AbandonedLoad.IsCancelled), tier);
        await here.GetAsync(1);
        var reply = tier.Operations.Gate(SharedOperation.Read, FaultPoint.AfterEffect, "7");
        using var impatience = new CancellationTokenSource();

        var look = here.GetAsync(7, impatience.Token).AsTask();
        impatience.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => look);
        source[7] = "new";
        await there.InvalidateAsync(7);
        reply.Release();
        caches.Settle();

        Assert.Equal("new", await here.GetAsync(7));
    }, sharedBytes: 1 << 20);
}
