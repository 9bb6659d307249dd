using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

public sealed class Coalescing
{
    [Fact]
    public void Ten_thousand_callers_share_one_load() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source);
        source.Hold();

        Task<string?>[] callers = [.. Enumerable.Range(0, 10_000).Select(_ => things.GetAsync(7).AsTask())];
        Assert.DoesNotContain(callers, caller => caller.IsCompleted);
        source.Release();

        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("seven", value));
        Assert.Equal(1, source.Loads);
    });

    [Fact]
    public void Cancelling_one_caller_cancels_nobody_else() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source);
        source.Hold();
        using var impatience = new CancellationTokenSource();

        var first = things.GetAsync(7, impatience.Token).AsTask();
        var second = things.GetAsync(7).AsTask();
        impatience.Cancel();

        Assert.True(first.IsCanceled, first.Status.ToString());
        await Assert.ThrowsAsync<TaskCanceledException>(() => first);
        source.Release();
        Assert.Equal("seven", await second);
        Assert.Equal(1, source.Loads);
    });

    [Fact]
    public void A_load_nobody_waits_for_finishes_by_default() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source);
        source.Hold();
        using var impatience = new CancellationTokenSource();

        var only = things.GetAsync(7, impatience.Token).AsTask();
        impatience.Cancel();

        await Assert.ThrowsAsync<TaskCanceledException>(() => only);
        Assert.False(source.Token.IsCancellationRequested);
        source.Release();
        caches.Settle();
        Assert.True(things.TryPeek(7, out var kept));
        Assert.Equal("seven", kept);
    });

    [Fact]
    public void A_load_nobody_waits_for_is_cancelled_by_policy_and_the_next_caller_begins_anew() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source, k => k.Policy(p => p.AbandonedLoad = AbandonedLoad.IsCancelled));
        source.Hold();
        using var impatience = new CancellationTokenSource();

        var only = things.GetAsync(7, impatience.Token).AsTask();
        impatience.Cancel();
        await Assert.ThrowsAsync<TaskCanceledException>(() => only);
        Assert.True(source.Token.IsCancellationRequested);
        source.Release();

        Assert.Equal("seven", await things.GetAsync(7));
        Assert.Equal(2, source.Loads);
    });

    [Fact]
    public void A_hit_is_synchronous_and_allocates_nothing() => Caches.Run(async caches =>
    {
        var things = caches.Add(new Source { [7] = "seven" });
        await things.GetAsync(7);
        for (var warm = 0; warm < 10_000; warm++)
        {
            Assert.True(things.GetAsync(7).IsCompletedSuccessfully);
        }

        Assert.Equal(0, Allocation.LeastOf(() =>
        {
            for (var n = 0; n < 1_000; n++)
            {
                _ = things.GetAsync(7).Result;
            }
        }));
    });

    [Fact]
    public void Two_processes_share_one_load() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var here = caches.Add(source);
        var there = caches.Add(source);
        source.Hold();

        var first = here.GetAsync(7).AsTask();
        var second = there.GetAsync(7).AsTask();
        source.Release();
        caches.Settle();

        Assert.Equal("seven", await first);
        Assert.Equal("seven", await second);
        Assert.Equal(1, source.Loads);
    }, sharedBytes: 1 << 20);
}
