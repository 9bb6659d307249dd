using Millpond.Loading;
using Millpond.Testing.Time;

namespace Millpond.Tests.Loading;

/// <summary>The limit of concurrent loads, as it follows what the source bears.</summary>
public sealed class AdaptingToASource
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(10);

    private readonly SimulatedSurroundings _surroundings = new(seed: 1);

    [Fact]
    public void It_begins_at_the_most_and_comes_down_to_what_the_source_does_side_by_side()
    {
        var guard = Guard();
        var source = new ModelSource(_surroundings, guard, capacity: 16, Usual);

        List<int> seen = [];

        _surroundings.Run(() => Task.WhenAll(source.CallAsync(200, TimeSpan.FromSeconds(60)), WatchAsync(_surroundings, guard, seen, TimeSpan.FromSeconds(60))));

        Assert.Equal(64, source.MostInside);
        Assert.All(seen.Skip(10), limit => Assert.InRange(limit, 8, 40));
        Assert.InRange(seen.Skip(10).Average(), 14, 30);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_a_source_that_bears_the_most_it_stays_near_the_most(int seed)
    {
        var surroundings = new SimulatedSurroundings(seed);
        var guard = new SourceGuard("db", surroundings) { Limits = new SourceLimits { ConcurrentLoadsMax = 16, ConcurrentLoadsMin = 2 } };
        var source = new ModelSource(surroundings, guard, capacity: 1_000, TimeSpan.FromMilliseconds(200));
        List<int> seen = [];

        surroundings.Run(() => Task.WhenAll(source.CallAsync(20, TimeSpan.FromMinutes(40)), WatchAsync(surroundings, guard, seen, TimeSpan.FromMinutes(40))));

        // Noise brings it down now and then; it comes back, and a probe every half minute is short.
        Assert.InRange(seen.Average(), 12, 16);
        Assert.True(seen.Skip(seen.Count / 2).Average() >= 0.9 * seen.Take(seen.Count / 2).Average());
    }

    [Fact]
    public void A_source_that_slows_ten_times_sees_few_loads_and_is_used_fully_again_when_it_is_back()
    {
        var guard = Guard();
        var source = new ModelSource(_surroundings, guard, capacity: 1_000, Usual);
        int before = 0, during = 0, after = 0;

        _surroundings.Run(() => Task.WhenAll(source.CallAsync(100, TimeSpan.FromSeconds(60)), TroubleAsync()));

        Assert.InRange(before, 48, 64);
        Assert.Equal(8, during);
        Assert.InRange(after, 48, 64);

        async Task TroubleAsync()
        {
            await Wait(20);
            before = guard.Limit;
            source.Slowness = 10;
            await Wait(4);
            during = guard.Limit;
            source.Slowness = 1;
            await Wait(5);
            after = guard.Limit;
        }
    }

    [Fact]
    public void A_source_that_stays_slow_is_taken_as_it_is_after_a_while()
    {
        var guard = Guard();
        var source = new ModelSource(_surroundings, guard, capacity: 1_000, Usual);
        List<int> seen = [];

        _surroundings.Run(async () =>
        {
            await source.CallAsync(100, TimeSpan.FromSeconds(20));
            source.Slowness = 10;
            await Task.WhenAll(source.CallAsync(100, TimeSpan.FromMinutes(5)), WatchAsync(_surroundings, guard, seen, TimeSpan.FromMinutes(5)));
        });

        // Being few did not help, so it does not last.
        Assert.All(seen.Skip(2).Take(4), limit => Assert.Equal(8, limit));
        Assert.InRange(seen.Skip(40).Average(), 40, 64);
    }

    [Fact]
    public void A_source_that_others_crowd_is_given_time()
    {
        // The others take as much less of it as we do, and so it is faster when we are few: our crowd is a part of what makes it slow.
        var guard = Guard();
        var source = new ModelSource(_surroundings, guard, capacity: 64, Usual);
        List<int> seen = [];

        _surroundings.Run(async () =>
        {
            await source.CallAsync(60, TimeSpan.FromSeconds(20));
            source.Crowd = 20;
            await Task.WhenAll(source.CallAsync(60, TimeSpan.FromSeconds(40)), WatchAsync(_surroundings, guard, seen, TimeSpan.FromSeconds(40)));
        });

        Assert.InRange(seen.Skip(2).Average(), 4, 16);
    }

    [Fact]
    public void A_source_found_in_a_crowd_is_probed_for_what_it_does_alone()
    {
        // All of its first loads come at once, so nothing says that they are slow but a look at it alone.
        var guard = Guard();
        var source = new ModelSource(_surroundings, guard, capacity: 10, Usual);

        _surroundings.Run(() => source.CallAsync(500, TimeSpan.FromSeconds(30)));

        Assert.InRange(guard.Limit, 8, 30);
    }

    [Fact]
    public void A_keyspace_of_long_loads_beside_one_of_short_ones_does_not_look_like_trouble()
    {
        var guard = Guard();
        var source = new ModelSource(_surroundings, guard, capacity: 1_000, Usual);

        _surroundings.Run(async () =>
        {
            await source.CallAsync(60, TimeSpan.FromSeconds(20), "short");
            await Task.WhenAll(source.CallAsync(60, TimeSpan.FromSeconds(120), "short"), source.CallAsync(60, TimeSpan.FromSeconds(120), "long", times: 50));
        });

        Assert.InRange(guard.Limit, 32, 64);
    }

    [Fact]
    public void An_idle_source_keeps_the_limit_it_had()
    {
        var guard = Guard();
        var source = new ModelSource(_surroundings, guard, capacity: 1_000, Usual);

        _surroundings.Run(() => source.CallAsync(2, TimeSpan.FromMinutes(10)));

        Assert.InRange(guard.Limit, 48, 64);
    }

    [Fact]
    public void Where_the_least_is_the_most_nothing_moves()
    {
        var guard = new SourceGuard("db", _surroundings) { Limits = new SourceLimits { ConcurrentLoadsMax = 20, ConcurrentLoadsMin = 20 } };
        var source = new ModelSource(_surroundings, guard, capacity: 2, Usual);

        _surroundings.Run(() => source.CallAsync(100, TimeSpan.FromSeconds(20)));

        Assert.Equal((20, 20), (guard.Limit, source.MostInside));
    }

    private static async Task WatchAsync(SimulatedSurroundings surroundings, SourceGuard guard, List<int> seen, TimeSpan until)
    {
        var end = surroundings.Now + until.Ticks;
        while (surroundings.Now < end)
        {
            await surroundings.Delay(TimeSpan.FromSeconds(1), default);
            seen.Add(guard.Limit);
        }
    }

    private Task Wait(double seconds) => _surroundings.Delay(TimeSpan.FromSeconds(seconds), default);

    private SourceGuard Guard() => new("db", _surroundings) { Limits = new SourceLimits { ConcurrentLoadsMax = 64 } };
}
