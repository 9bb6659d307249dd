using Millpond.Loading;
using Millpond.Overload;
using Millpond.Testing.Time;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Loading;

/// <summary>The source guard by itself.</summary>
public sealed class SourceGuarding
{
    private readonly SimulatedSurroundings _surroundings = new(seed: 1);

    [Fact]
    public void The_limit_is_never_exceeded_and_the_first_to_come_is_the_first_served()
    {
        var guard = Guard(concurrent: 2);
        Task<Place>[] entries = [.. Enumerable.Range(0, 5).Select(_ => Enter(guard))];
        Assert.Equal([true, true, false, false, false], entries.Select(entry => entry.IsCompleted));

        Leave(guard, entries[0]);
        Assert.Equal([true, true, true, false, false], entries.Select(entry => entry.IsCompleted));
        Assert.Equal((2, 2), (guard.Inside, guard.Waiting));
        for (var n = 1; n < 5; n++)
        {
            Leave(guard, entries[n]);
            Assert.InRange(guard.Inside, 0, 2);
        }

        Assert.All(entries, entry => Assert.True(entry.IsCompletedSuccessfully));
        Assert.Equal((0, 0), (guard.Inside, guard.Waiting));
    }

    [Fact]
    public void Whoever_comes_later_does_not_overtake_who_waits()
    {
        var guard = Guard(concurrent: 1);
        var first = Enter(guard);
        var second = Enter(guard);
        var third = Enter(guard);

        Leave(guard, first);

        Assert.True(second.IsCompleted);
        Assert.False(third.IsCompleted);
    }

    [Fact]
    public async Task Past_the_queue_limit_it_is_busy_and_says_so()
    {
        var guard = Guard(concurrent: 1, waiting: 1);
        var first = Enter(guard);
        var second = Enter(guard);

        var refusal = (await Enter(guard)).Refusal;

        Assert.Equal((ErrorCode.SourceBusy, ShedReason.QueueFull), (refusal!.Failure.Code, refusal.Reason));
        Assert.All(["'db'", "1 loads under way", "1 waiting", "WaitingLoadsMax 1", "StaleIfError"], said => Assert.Contains(said, refusal.Failure.Message, StringComparison.Ordinal));
        Leave(guard, first);
        Assert.Null((await second).Refusal);
        Assert.Equal((1, 0), (guard.Inside, guard.Waiting));
    }

    [Fact]
    public async Task A_cancelled_waiter_takes_no_place_with_it()
    {
        var guard = Guard(concurrent: 1);
        var first = Enter(guard);
        using var impatience = new CancellationTokenSource();
        var second = guard.EnterAsync(Ask, impatience.Token).AsTask();
        var third = Enter(guard);

        impatience.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal((1, 1), (guard.Inside, guard.Waiting));
        Leave(guard, first);

        Assert.True(third.IsCompletedSuccessfully);
        Assert.Equal((1, 0), (guard.Inside, guard.Waiting));
    }

    [Fact]
    public async Task Nobody_enters_with_a_token_that_is_cancelled_already()
    {
        var guard = Guard(concurrent: 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => guard.EnterAsync(Ask, new CancellationToken(canceled: true)).AsTask());
        Assert.Equal(0, guard.Inside);
    }

    [Fact]
    public void A_raised_limit_lets_in_who_waits_at_once()
    {
        var guard = Guard(concurrent: 1);
        Task[] entries = [.. Enumerable.Range(0, 4).Select(_ => Enter(guard))];

        guard.Limits = new SourceLimits { ConcurrentLoadsMax = 3 };

        Assert.Equal([true, true, true, false], entries.Select(entry => entry.IsCompleted));
        Assert.Equal(3, guard.Inside);
    }

    [Fact]
    public void A_lowered_limit_lets_nobody_in_until_enough_have_left()
    {
        var guard = Guard(concurrent: 3);
        Task<Place>[] entries = [.. Enumerable.Range(0, 4).Select(_ => Enter(guard))];

        guard.Limits = new SourceLimits { ConcurrentLoadsMax = 1 };
        Leave(guard, entries[0]);
        Leave(guard, entries[1]);
        Assert.False(entries[3].IsCompleted);
        Leave(guard, entries[2]);

        Assert.True(entries[3].IsCompleted);
        Assert.Equal(1, guard.Inside);
    }

    [Fact]
    public async Task Under_real_threads_the_limit_holds_and_no_place_is_lost()
    {
        var guard = new SourceGuard("db", Runtime.Surroundings.Real) { Limits = new SourceLimits { ConcurrentLoadsMax = 4 } };
        var (inside, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            for (var n = 0; n < 500; n++)
            {
                using var impatience = new CancellationTokenSource();
                var entry = guard.EnterAsync(new PlaceAsk($"space{n % 3}", n % 2 == 0 ? "tenant" : null, (LoadPriority)(n % 3)), impatience.Token).AsTask();
                if ((n + worker) % 3 == 0)
                {
                    impatience.Cancel();
                }

                Place place;
                try
                {
                    place = await entry;
                }
                catch (OperationCanceledException)
                {
                    continue;
                }

                var now = Interlocked.Increment(ref inside);
                InterlockedMax(ref most, now);
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                guard.Leave(place, CallEnd.Succeeded);
            }
        })));

        Assert.InRange(most, 1, 4);
        Assert.Equal((0, 0), (guard.Inside, guard.Waiting));
    }

    [Fact]
    public void A_place_is_held_until_the_abandoned_load_has_really_ended() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one", [2] = "two", IsDeaf = true };
        var provider = caches.Add(m => m
            .Configure(o => o.Sources["default"].ConcurrentLoadsMax = 1)
            .AddKeyspace<int, string>("thing", k => k.Policy(p => p.LoadTimeout = TimeSpan.FromSeconds(1)).Load(source.LoadAsync)));
        var things = provider.Keyspace<int, string>("thing");
        source.Hold();

        await Expect.Error(ErrorCode.LoadTimedOut, () => things.GetAsync(1), "'thing'", "1 s", "LoadTimeout");
        var second = things.GetAsync(2).AsTask();
        caches.Settle();
        Assert.Equal(1, source.Loads);
        source.Release();

        Assert.Equal("two", await second);
    });

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, now, seen);
        }
    }

    private static PlaceAsk Ask => new("thing");

    private static Task<Place> Enter(SourceGuard guard) => guard.EnterAsync(Ask, default).AsTask();

    private static void Leave(SourceGuard guard, Task<Place> entry) => guard.Leave(entry.Result, CallEnd.Succeeded);

    private SourceGuard Guard(int concurrent, int waiting = 100) =>
        new("db", _surroundings) { Limits = new SourceLimits { ConcurrentLoadsMax = concurrent, WaitingLoadsMax = waiting } };
}
