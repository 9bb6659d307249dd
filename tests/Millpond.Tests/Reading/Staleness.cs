using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>Reads that say how old a value they accept.</summary>
public sealed class Staleness
{
    private static readonly ReadOptions Seconds10 = ReadOptions.AtMost(TimeSpan.FromSeconds(10));
    private static readonly ReadOptions Now = ReadOptions.AtMost(TimeSpan.Zero);

    private static ReadOptions OrRefuse(ReadOptions options) => options with { WhenTooStale = WhenTooStale.Refuse };

    [Fact]
    public void A_value_older_than_accepted_is_loaded_anew_and_a_younger_one_is_not() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source);
        await things.GetAsync(7);
        source[7] = "new";

        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("old", (await things.ReadAsync(7, Seconds10)).Value);
        caches.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("new", (await things.ReadAsync(7, Seconds10)).Value);
        Assert.Equal("new", await things.GetAsync(7));
        Assert.Equal(2, source.Loads);
    });

    [Fact]
    public void An_older_value_of_the_shared_tier_is_loaded_anew_too() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        await caches.Add(source).GetAsync(7);
        source[7] = "new";
        var there = caches.Add(source);

        caches.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("old", (await there.ReadAsync(7, Seconds10)).Value);
        caches.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("new", (await there.ReadAsync(7, Seconds10)).Value);
    }, sharedBytes: 1 << 20);

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void A_bound_of_zero_wants_a_load_that_began_after_the_call(long sharedBytes) => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source);
        source.Hold();
        var lenient = things.GetAsync(7).AsTask();
        caches.Advance(TimeSpan.FromSeconds(1));
        source[7] = "new";

        var strict = things.ReadAsync(7, Now).AsTask();
        source.Release();
        caches.Settle();

        Assert.Equal("old", await lenient);
        Assert.Equal("new", (await strict).Value);
        Assert.Equal(2, source.Loads);
    }, sharedBytes);

    [Fact]
    public void A_bounded_read_joins_a_flight_that_is_recent_enough() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source);
        source.Hold();
        var first = things.ReadAsync(7, Now).AsTask();
        caches.Advance(TimeSpan.FromSeconds(5));
        var second = things.ReadAsync(7, Seconds10).AsTask();
        source.Release();

        await first;
        Assert.True((await second).Coalesced);
        Assert.Equal(1, source.Loads);
    });

    [Fact]
    public void A_negative_bound_is_a_bound_of_zero() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source);
        await things.GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("seven", (await things.ReadAsync(7, ReadOptions.AtMost(TimeSpan.FromSeconds(-5)))).Value);
        Assert.Equal(2, source.Loads);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void A_reader_who_would_rather_be_refused_is_refused_and_the_source_left_alone(long sharedBytes) => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source);
        await things.GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(11));

        await Expect.Error(ErrorCode.TooStale, () => things.ReadAsync(7, OrRefuse(Seconds10)), "'thing'", "10 s", "revalidate");
        await Expect.Error(ErrorCode.TooStale, () => things.GetManyAsync([7], OrRefuse(Seconds10)));
        Assert.Equal(1, source.Loads);
        Assert.Equal("seven", (await things.ReadAsync(7, OrRefuse(ReadOptions.AtMost(TimeSpan.FromSeconds(11))))).Value);
    }, sharedBytes);

    [Fact]
    public void Refused_too_is_who_finds_an_older_value_in_the_shared_tier_alone() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        await caches.Add(source).GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(5));
        var there = caches.Add(source);

        Assert.Equal("seven", (await there.ReadAsync(7, OrRefuse(Seconds10))).Value);
        caches.Advance(TimeSpan.FromSeconds(6));
        await Expect.Error(ErrorCode.TooStale, () => caches.Add(source).ReadAsync(7, OrRefuse(Seconds10)));
        Assert.Equal(1, source.Loads);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Where_nobody_has_anything_there_is_nothing_to_refuse() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        Assert.Equal("seven", (await caches.Add(source).ReadAsync(7, OrRefuse(Seconds10))).Value);
    });

    [Fact]
    public void A_recent_absence_is_an_answer_and_no_refusal() => Caches.Run(async caches =>
    {
        var source = new Source();
        await caches.Add(source).GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(5));

        Assert.False((await caches.Add(source).ReadAsync(7, OrRefuse(Seconds10))).Found);
        Assert.Equal(1, source.Loads);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_failed_revalidation_is_thrown_and_no_older_value_served() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.Policy(p => p.StaleIfError = TimeSpan.FromHours(1)));
        await things.GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(11));
        source.Failure = new InvalidOperationException();

        await Expect.Error(ErrorCode.LoadFailed, () => things.ReadAsync(7, Seconds10));
        Assert.Equal("old", await things.GetAsync(7));
    });
}
