using Millpond.Redis.Runtime;

namespace Millpond.Redis.Tests.Runtime;

public class Clocks
{
    private const ulong Life = 7;
    private const long Second = TimeSpan.TicksPerSecond;
    private const long Millisecond = TimeSpan.TicksPerMillisecond;

    /// <summary>A server's clock that began elsewhere and runs a little faster or slower than ours.</summary>
    private static long Shown(long now, double partsPerMillion) => 1_700_000_000_000 + (long)(now * (1 + (partsPerMillion / 1e6)) / Millisecond);

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(-100)]
    public void The_estimate_is_never_behind_the_servers_clock_and_ahead_by_no_more_than_a_reply_took(double partsPerMillion)
    {
        var random = new Random(4);
        var clocks = new ServerClocks();
        long slowest = 0;
        for (long now = 0; now < 600 * Second; now += random.NextInt64(2 * Second))
        {
            var took = random.NextInt64(200 * Millisecond);
            slowest = Math.Max(slowest, took);
            clocks.Learn(Life, Shown(now + random.NextInt64(took + 1), partsPerMillion), now);
            for (var look = 0; look < 10; look++)
            {
                var at = now + took + random.NextInt64(8 * Second);
                var estimate = clocks.AtMost(Life, at);
                Assert.NotNull(estimate);
                Assert.InRange(estimate.Value - Shown(at, partsPerMillion), 0, (slowest / Millisecond) + 5);
            }
        }
    }

    [Fact]
    public void A_time_that_came_quickly_is_kept_for_a_second_over_one_that_came_slowly()
    {
        var clocks = new ServerClocks();
        clocks.Learn(Life, Shown(0, 0), 0);
        clocks.Learn(Life, Shown(Second / 4, 0), Second / 8);
        Assert.InRange(clocks.AtMost(Life, Second / 2)!.Value - Shown(Second / 2, 0), 0, 2);
    }

    [Fact]
    public void A_clock_that_was_set_back_is_followed_at_once()
    {
        var clocks = new ServerClocks();
        clocks.Learn(Life, Shown(0, 0), 0);
        clocks.Learn(Life, Shown(Second, 0) - 3_600_000, Second);
        Assert.InRange(clocks.AtMost(Life, Second)!.Value - (Shown(Second, 0) - 3_600_000), 0, 2);
    }

    [Fact]
    public void A_clock_that_was_set_forward_is_followed_within_a_second()
    {
        var clocks = new ServerClocks();
        clocks.Learn(Life, Shown(0, 0), 0);
        for (var now = Second / 10; now <= Second; now += Second / 10)
        {
            clocks.Learn(Life, Shown(now, 0) + 3_600_000, now);
        }

        Assert.InRange(clocks.AtMost(Life, Second)!.Value - (Shown(Second, 0) + 3_600_000), 0, 2);
    }

    [Fact]
    public void A_time_is_not_used_for_longer_than_clocks_stay_together()
    {
        var clocks = new ServerClocks();
        clocks.Learn(Life, Shown(0, 0), 0);
        Assert.NotNull(clocks.AtMost(Life, 10 * Second));
        Assert.Null(clocks.AtMost(Life, (10 * Second) + 1));
    }

    [Fact]
    public void Lives_have_clocks_of_their_own_and_an_unknown_life_has_none()
    {
        var clocks = new ServerClocks();
        clocks.Learn(0, 5_000, 0);
        clocks.Learn(1, 1_000, 0);
        clocks.Learn(2, 2_000, 0);
        Assert.Null(clocks.AtMost(0, 0));
        Assert.Equal(1_001, clocks.AtMost(1, 0));
        Assert.Equal(2_001, clocks.AtMost(2, 0));
        Assert.Null(clocks.AtMost(3, 0));
    }
}
