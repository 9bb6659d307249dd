using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.Loading;
using Millpond.Overload;
using Millpond.Testing.Time;
using Millpond.Tests.Rig;
using Millpond.WarmingUp;

namespace Millpond.Tests.WarmingUp;

/// <summary>Nobody waits for a warm-up but the warm-up.</summary>
public sealed class LeavingTheSourceToCallers
{
    private static readonly PlaceAsk Ahead = new("thing", Priority: LoadPriority.WarmUp);
    private static readonly PlaceAsk Caller = new("thing");

    [Fact]
    public void It_has_at_most_half_of_the_places_so_a_caller_finds_one_at_once() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        source.Hold();
        var process = WarmProcess.In(caches, source, w => w.Keys(Enumerable.Range(0, 50)), options: o => o.Sources["default"].ConcurrentLoadsMax = 8, batches: false);
        await process.StartAsync();
        caches.Settle();
        Assert.Equal(4, source.Held);

        var callers = Enumerable.Range(1_000, 4).Select(key => process.Things.GetAsync(key).AsTask()).ToArray();
        Assert.Equal(8, source.Held);
        source.Release();
        Assert.Equal("row 1003", (await Task.WhenAll(callers))[3]);
        while (process.WarmUp.State == WarmUpState.Running)
        {
            caches.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(50, process.WarmUp.Loaded);
    });

    [Fact]
    public void A_caller_who_wants_what_is_being_warmed_up_waits_no_longer_than_for_a_load_of_his_own() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        source.Hold();
        var process = WarmProcess.In(caches, source, w => w.Keys(Enumerable.Range(0, 50)), options: o => o.Sources["default"].ConcurrentLoadsMax = 2, batches: false);
        await process.StartAsync();
        caches.Settle();
        Assert.Equal(1, source.Held);

        // Key 49 is last of those in line, and the one place that is left is a caller's.
        var caller = process.Things.GetAsync(49).AsTask();
        var stranger = process.Things.GetAsync(1_000).AsTask();
        Assert.Equal(2, source.Loads);
        source.Release();
        caches.Settle();

        Assert.True(caller.IsCompleted && stranger.IsCompleted);
        Assert.Equal((1, 1), (process.Statistics.Misses, process.Statistics.Coalesced));
    });

    [Fact]
    public async Task A_load_is_raised_in_the_line_and_before_it_comes_there()
    {
        var guard = new SourceGuard("db", new SimulatedSurroundings(seed: 1)) { Limits = new SourceLimits { ConcurrentLoadsMax = 2, ConcurrentLoadsMin = 2, WaitMax = TimeSpan.FromSeconds(1) } };
        var inside = await Enter(guard, Caller);
        await Enter(guard, Caller);
        LoadUrgency[] urgencies = [new(guard), new(guard), new(guard)];
        var first = Enter(guard, Ahead with { Urgencies = [urgencies[0]] });
        var second = Enter(guard, Ahead with { Urgencies = [urgencies[1]] });
        urgencies[1].Raise();
        urgencies[2].Raise();
        var third = Enter(guard, Ahead with { Urgencies = [urgencies[2]] });
        Assert.Equal((3, true), (guard.Waiting, guard.IsPressed));

        guard.Leave(inside, CallEnd.Succeeded);
        Assert.Equal((false, true, false), (first.IsCompleted, second.IsCompleted, third.IsCompleted));
        Assert.False((await second).IsAhead);
        guard.Leave(await second, CallEnd.Succeeded);
        Assert.Equal((false, true), (first.IsCompleted, third.IsCompleted));
        guard.Leave(await third, CallEnd.Succeeded);
        Assert.True((await first).IsAhead);
        urgencies[0].Raise();
        guard.Leave(await first, CallEnd.Succeeded);
        Assert.Equal((1, 0, false), (guard.Inside, guard.Waiting, guard.IsPressed));
    }

    [Fact]
    public async Task What_was_raised_is_told_after_the_longest_wait_and_what_was_not_waits_on()
    {
        var surroundings = new SimulatedSurroundings(seed: 1);
        var guard = new SourceGuard("db", surroundings) { Limits = new SourceLimits { ConcurrentLoadsMax = 1, WaitMax = TimeSpan.FromSeconds(1) } };
        await Enter(guard, Caller);
        var raised = new LoadUrgency(guard);
        var (first, second) = (Enter(guard, Ahead with { Urgencies = [raised] }), Enter(guard, Ahead));
        surroundings.Clock.Advance(TimeSpan.FromSeconds(5));
        raised.Raise();
        surroundings.Clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(first.IsCompleted);
        surroundings.Clock.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(ShedReason.WaitedTooLong, (await first).Refusal!.Reason);
        Assert.False(second.IsCompleted);
        Assert.Equal(1, guard.Refused[(int)ShedReason.WaitedTooLong]);
    }

    [Fact]
    public void While_callers_wait_for_the_source_nothing_is_begun_and_no_key_is_lost() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var process = WarmProcess.In(caches, source, w => w.Keys(Enumerable.Range(0, 10)), options: o => o.Sources["default"].ConcurrentLoadsMax = 1);
        source.Hold();
        Task[] callers = [process.Things.GetAsync(1_000).AsTask(), process.Things.GetAsync(1_001).AsTask()];
        await process.StartAsync();
        caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((1, 0), (source.Loads, source.Batches));

        source.Release();
        caches.Advance(TimeSpan.FromSeconds(2));
        await Task.WhenAll(callers);
        Assert.Equal((WarmUpState.Complete, 10, 0), (process.WarmUp.State, process.WarmUp.Loaded, process.WarmUp.Failed));
    });

    [Fact]
    public void A_source_that_is_left_alone_is_waited_for() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        source.Failure = new TimeoutException();
        var process = WarmProcess.In(caches, source, w => w.Keys(Enumerable.Range(0, 1_000)), options: o => o.Sources["default"].BreakerPause = TimeSpan.FromSeconds(2), batches: false);
        await process.StartAsync();
        caches.Advance(TimeSpan.FromSeconds(1));
        var failed = process.WarmUp.Failed;
        Assert.InRange(failed, 20, 100);
        Assert.Equal(BreakerState.Open, process.Services.GetRequiredService<ICache>().Statistics().Sources.Single().Breaker);

        // Nobody else reads, so it is the warm-up that finds out that the source is back; and what was refused is read then.
        source.Failure = null;
        for (var seconds = 0; seconds < 20 && process.WarmUp.State == WarmUpState.Running; seconds++)
        {
            caches.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((WarmUpState.Complete, 1_000 - failed, failed), (process.WarmUp.State, process.WarmUp.Loaded, process.WarmUp.Failed));
    });

    [Fact]
    public void The_pace_grows_with_the_hit_ratio_and_shrinks_under_pressure()
    {
        var counters = new KeyspaceCounters();
        var pace = new WarmUpPace(counters);
        Assert.Equal((1 - (WarmUpPace.PartFirst + WarmUpPace.Step)) / (WarmUpPace.PartFirst + WarmUpPace.Step), Rests(pace), 1e-6);

        // Nobody reads: after some batches it does not rest.
        Repeat(20, () => Rests(pace));
        Assert.Equal((1, 0), (pace.Part, Rests(pace)));

        // One read in four is a hit: three quarters of the time are the callers'.
        Read(hits: 250, misses: 750);
        Assert.Equal(3, Rests(pace), 1e-6);

        Repeat(30, () =>
        {
            Read(hits: 900, misses: 100);
            Rests(pace);
        });
        Assert.Equal(0.9, pace.Part, 0.01);

        pace.Pressed();
        Assert.Equal(0.45, pace.Part, 0.01);
        Repeat(20, pace.Pressed);
        Assert.Equal(WarmUpPace.PartMin, pace.Part);

        // However long a batch took, it goes on.
        Assert.Equal(TimeSpan.FromSeconds(1), pace.RestAfter(TimeSpan.FromMinutes(5)));

        void Read(int hits, int misses)
        {
            Repeat(hits, () => counters.Hit(ReadOrigin.Local, negative: false, stale: false));
            Repeat(misses, () => counters.Misses.Add());
        }
    }

    private static double Rests(WarmUpPace pace) => pace.RestAfter(TimeSpan.FromMilliseconds(100)) / TimeSpan.FromMilliseconds(100);

    private static void Repeat(int times, Action action)
    {
        for (var n = 0; n < times; n++)
        {
            action();
        }
    }

    private static Task<Place> Enter(SourceGuard guard, PlaceAsk ask) => guard.EnterAsync(ask, CancellationToken.None).AsTask();
}
