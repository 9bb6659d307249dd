using Millpond.Loading;
using Millpond.Overload;
using Millpond.Testing.Time;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Loading;

/// <summary>A source that fails, seen from its guard and from callers.</summary>
public sealed class LeavingASourceAlone
{
    [Fact]
    public void A_dead_source_is_hardly_asked_and_used_fully_within_seconds_of_its_return()
    {
        var surroundings = new SimulatedSurroundings(seed: 1);
        var guard = new SourceGuard("db", surroundings) { Limits = new SourceLimits { ConcurrentLoadsMax = 64 } };
        var source = new ModelSource(surroundings, guard, capacity: 1_000, TimeSpan.FromMilliseconds(10));
        var (dead, lasted) = (0, 0);

        surroundings.Run(() => Task.WhenAll(source.CallAsync(100, TimeSpan.FromSeconds(100)), TroubleAsync()));

        // 60 s of outage: the first failures, then three at a time after 1, 2, 4, 8, 16, 30 s.
        Assert.InRange(dead, 20, 250);
        Assert.InRange(lasted, 1, 40);
        Assert.Equal(BreakerState.Closed, guard.Breaker);

        async Task TroubleAsync()
        {
            await surroundings.Delay(TimeSpan.FromSeconds(5), default);
            source.IsDown = true;
            var before = source.Begun;
            await surroundings.Delay(TimeSpan.FromSeconds(50), default);
            dead = source.Begun - before;
            Assert.Equal(0, guard.Waiting);
            source.IsDown = false;
            var served = source.Served;
            while (source.Served < served + 100)
            {
                await surroundings.Delay(TimeSpan.FromSeconds(1), default);
                lasted++;
            }
        }
    }

    [Fact]
    public void Its_callers_are_told_at_once_and_who_has_an_older_value_gets_that() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one" };
        var heard = new Heard();
        var things = caches.Add(source, k => k.Policy(p =>
        {
            p.TimeToLive = TimeSpan.FromSeconds(1);
            p.StaleIfError = TimeSpan.FromHours(1);
        }), heard: heard);
        await things.GetAsync(1);
        source.Failure = new IOException("down");
        for (var key = 100; key < 119; key++)
        {
            await Expect.Error(ErrorCode.LoadFailed, () => things.GetAsync(key));
        }

        var loads = source.Loads;
        await Expect.Error(ErrorCode.SourceBroken, () => things.GetAsync(200), "'default'", "BreakerFailures", "Fallback");
        caches.Advance(TimeSpan.FromMilliseconds(500));
        caches.Clock.Advance(TimeSpan.FromMilliseconds(600));
        Assert.Equal("one", await things.GetAsync(1));

        Assert.InRange(source.Loads, loads, loads + 3);
        Assert.Contains(heard.All<Events.LoadShed>(), shed => shed is { Reason: ShedReason.BreakerOpen, Source: "default" });
        Assert.Contains(heard.All<Events.SourceBreakerChanged>(), change => change.State == BreakerState.Open);
    });

    [Fact]
    public void A_source_that_never_answers_is_left_alone_too() => Caches.Run(async caches =>
    {
        var source = new Source { IsDeaf = true };
        source.Hold();
        var things = caches.Add(source, k => k.Policy(p => p.LoadTimeout = TimeSpan.FromSeconds(1)));
        Task[] hanging = [.. Enumerable.Range(0, 20).Select(key => things.GetAsync(key).AsTask())];
        foreach (var one in hanging)
        {
            await Assert.ThrowsAnyAsync<MillpondException>(() => one);
        }

        await Expect.Error(ErrorCode.SourceBroken, () => things.GetAsync(99));
        source.Release();
    });
}
