using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>How long a value is fresh, and what decides it.</summary>
public sealed class Freshness
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_value_is_fresh_for_its_time_to_live_and_not_longer() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source, k => k.TimeToLive(Minute));
        await things.GetAsync(7);

        caches.Advance(Minute - TimeSpan.FromTicks(1));
        await things.GetAsync(7);
        Assert.Equal(1, source.Loads);
        caches.Advance(TimeSpan.FromTicks(1));
        await things.GetAsync(7);
        Assert.Equal(2, source.Loads);
    });

    [Fact]
    public void Jitter_spreads_expiry_and_never_lengthens_it() => Caches.Run(async caches =>
    {
        var things = caches.Add(new Source(), k => k.Policy(p => (p.NegativeTimeToLive, p.Jitter) = (TimeSpan.FromSeconds(100), 0.5)));
        var times = new List<double>();
        for (var key = 0; key < 200; key++)
        {
            await things.GetAsync(key);
            times.Add((await things.ExplainAsync(key)).Local.FreshFor.TotalSeconds);
        }

        Assert.All(times, time => Assert.InRange(time, 50, 100));
        Assert.True(times.Distinct().Count() > 190);
        Assert.InRange(times.Average(), 70, 80);
    });

    [Fact]
    public void Without_jitter_every_time_is_the_one_declared() => Caches.Run(async caches =>
    {
        var things = caches.Add(new Source { [1] = "one" }, k => k.TimeToLive(Minute));
        await things.GetAsync(1);
        Assert.Equal(Minute, (await things.ExplainAsync(1)).Local.FreshFor);
    });

    [Fact]
    public void What_the_source_does_not_have_is_remembered_for_a_time_of_its_own() => Caches.Run(async caches =>
    {
        var source = new Source();
        var things = caches.Add(source, k => k.TimeToLive(TimeSpan.FromHours(1)).Policy(p => p.NegativeTimeToLive = Minute));

        Assert.Null(await things.GetAsync(7));
        var again = await things.ReadAsync(7);
        Assert.False(again.Found);
        Assert.Equal(ReadOrigin.Local, again.Origin);
        Assert.False(things.TryPeek(7, out _));
        Assert.Equal(1, source.Loads);

        source[7] = "seven";
        caches.Advance(Minute);
        Assert.Equal("seven", await things.GetAsync(7));
    });

    [Fact]
    public void A_negative_time_of_zero_remembers_no_absence() => Caches.Run(async caches =>
    {
        var source = new Source();
        var things = caches.Add(source, k => k.Policy(p => p.NegativeTimeToLive = TimeSpan.Zero));

        Assert.Null(await things.GetAsync(7));
        source[7] = "seven";
        Assert.Equal("seven", await things.GetAsync(7));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void An_answer_that_is_not_to_be_kept_leaves_no_older_one_to_be_served(long sharedBytes) => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        void Declare(KeyspaceBuilder<int, string> k) => k.TimeToLive(Minute)
            .Policy(p => (p.NegativeTimeToLive, p.StaleWhileRevalidate) = (TimeSpan.Zero, TimeSpan.FromHours(1)));
        var here = caches.Add(source, Declare);
        var there = caches.Add(source, Declare);
        await here.GetAsync(7);
        await there.GetAsync(7);

        source[7] = null;
        caches.Advance(Minute);
        Assert.Equal("seven", await here.GetAsync(7));
        caches.Settle();

        Assert.Null(await here.GetAsync(7));
        Assert.Null(await there.GetAsync(7));
    }, sharedBytes);

    [Fact]
    public void The_loader_decides_the_time_from_what_it_loaded() => Caches.Run(async caches =>
    {
        var loads = 0;
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Policy(p => p.Jitter = 0).LoadWith((context, _) =>
        {
            loads++;
            return new(LoadResult.Found("v" + context.Key) with { TimeToLive = TimeSpan.FromSeconds(context.Key) });
        })));
        var things = provider.Keyspace<int, string>("thing");

        await things.GetAsync(2);
        await things.GetAsync(20);
        caches.Advance(TimeSpan.FromSeconds(2));
        await things.GetAsync(20);
        Assert.Equal(2, loads);
        await things.GetAsync(2);
        Assert.Equal(3, loads);

        await things.GetAsync(0);
        await things.GetAsync(0);
        Assert.Equal(5, loads);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void A_time_beyond_all_measure_is_a_year(long sharedBytes) => Caches.Run(async caches =>
    {
        var cache = (ICache)caches.Add(_ => { }).GetService(typeof(ICache))!;
        var forever = new EntryOptions { TimeToLive = TimeSpan.MaxValue, Sliding = TimeSpan.MaxValue };
        await cache.SetAsync("a", "set", forever);
        await cache.GetOrLoadAsync("b", _ => ValueTask.FromResult<string?>("loaded"), forever);

        caches.Advance(TimeSpan.FromDays(300));
        Assert.Equal("set", await cache.GetAsync<string>("a"));
        Assert.Equal("loaded", await cache.GetAsync<string>("b"));
        caches.Advance(TimeSpan.FromDays(66));
        Assert.Null(await cache.GetAsync<string>("a"));
        Assert.Null(await cache.GetAsync<string>("b"));
    }, sharedBytes);

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void A_sliding_value_stays_while_it_is_read_and_goes_when_it_is_not(long sharedBytes) => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source, k => k.TimeToLive(TimeSpan.FromHours(1)).Policy(p => p.Sliding = TimeSpan.FromSeconds(10)));
        for (var second = 0; second < 60; second++)
        {
            await things.GetAsync(7);
            caches.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, source.Loads);
        caches.Advance(TimeSpan.FromSeconds(10));
        await things.GetAsync(7);
        Assert.Equal(2, source.Loads);
    }, sharedBytes);

    [Fact]
    public void A_sliding_value_does_not_outlive_its_time_to_live() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source, k => k.TimeToLive(TimeSpan.FromSeconds(20)).Policy(p => p.Sliding = TimeSpan.FromSeconds(10)));
        for (var second = 0; second < 20; second++)
        {
            await things.GetAsync(7);
            caches.Advance(TimeSpan.FromSeconds(1));
        }

        await things.GetAsync(7);
        Assert.Equal(2, source.Loads);
    });

    [Fact]
    public void What_two_processes_read_in_turn_slides_in_the_shared_tier() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        void Declare(KeyspaceBuilder<int, string> k) => k.TimeToLive(TimeSpan.FromHours(1)).Policy(p => p.Sliding = TimeSpan.FromSeconds(10));
        IKeyspace<int, string>[] processes = [caches.Add(source, Declare), caches.Add(source, Declare)];
        for (var turn = 0; turn < 10; turn++)
        {
            await processes[turn % 2].GetAsync(7);
            caches.Advance(TimeSpan.FromSeconds(7));
        }

        Assert.Equal(1, source.Loads);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void An_entry_inherits_its_age_from_the_shared_tier() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var here = caches.Add(source, k => k.TimeToLive(Minute));
        var there = caches.Add(source, k => k.TimeToLive(Minute));
        await here.GetAsync(7);

        caches.Advance(TimeSpan.FromSeconds(50));
        var reading = await there.ReadAsync(7);
        Assert.Equal((ReadOrigin.Shared, TimeSpan.FromSeconds(50)), (reading.Origin, reading.Age));
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(ReadOrigin.Source, (await there.ReadAsync(7)).Origin);
    }, sharedBytes: 1 << 20);
}
