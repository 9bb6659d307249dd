using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>What becomes of a load that nobody waits for any more, at the awkward moments.</summary>
public sealed class Abandoning
{
    [Fact]
    public void A_caller_who_leaves_while_the_value_is_being_stored_is_told_of_his_cancellation() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var tier = caches.Faulty();
        var things = caches.Add(source, k => k.Policy(p => p.AbandonedLoad = AbandonedLoad.IsCancelled), tier);
        var fill = tier.Operations.Gate(SharedOperation.Fill, FaultPoint.BeforeEffect);
        using var impatience = new CancellationTokenSource();

        var read = things.GetAsync(7, impatience.Token).AsTask();
        await fill.Arrived;
        impatience.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        fill.Release();
        caches.Settle();
        Assert.Equal("seven", await things.GetAsync(7));
        Assert.Equal(1, source.Loads);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_load_that_has_not_begun_when_the_last_caller_leaves_does_not_begin() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var tier = caches.Faulty();
        var things = caches.Add(source, k => k.Policy(p => p.AbandonedLoad = AbandonedLoad.IsCancelled), tier);
        var ask = tier.Operations.Gate(SharedOperation.Read, FaultPoint.AfterEffect);
        using var impatience = new CancellationTokenSource();

        var read = things.GetAsync(7, impatience.Token).AsTask();
        await ask.Arrived;
        impatience.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        ask.Release();
        caches.Settle();

        Assert.Equal(0, source.Loads);
        Assert.Equal("seven", await things.GetAsync(7));
    });

    [Fact]
    public void A_batch_reader_who_leaves_abandons_every_load_he_began() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one", [2] = "two" };
        var things = caches.Add(source, k => k.Policy(p => p.AbandonedLoad = AbandonedLoad.IsCancelled));
        source.Hold();
        using var impatience = new CancellationTokenSource();

        var read = things.GetManyAsync([1, 2], cancellationToken: impatience.Token).AsTask();
        impatience.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(2, source.Loads);
        Assert.True(source.Token.IsCancellationRequested);
        source.Release();
        Assert.Equal(2, (await things.GetManyAsync([1, 2])).Count);
    });
}
