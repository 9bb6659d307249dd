using Millpond.Shared.Guarding;

namespace Millpond.Tests.Shared.Guarding;

/// <summary>The estimate of how long calls take.</summary>
public sealed class Latencies
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(123_456)]
    [InlineData(20_000_000)]
    public void A_quantile_is_never_too_short_and_at_most_a_quarter_too_long(long ticks)
    {
        var latency = new RecentLatency();
        for (var n = 0; n < 200; n++)
        {
            latency.Add(ticks);
        }

        Assert.InRange(latency.Quantile(0.99, 64), Math.Max(ticks, 4), Math.Max(ticks, 4) * 5 / 4 + 1);
    }

    [Fact]
    public void The_slowest_hundredth_is_beyond_it()
    {
        var latency = new RecentLatency();
        for (var n = 0; n < 1_000; n++)
        {
            latency.Add(n < 995 ? 1_000 : 1_000_000);
        }

        Assert.InRange(latency.Quantile(0.99, 64), 1_000, 1_250);
        Assert.InRange(latency.Quantile(0.999, 64), 1_000_000, 1_250_000);
    }

    [Fact]
    public void Few_calls_say_nothing_and_old_ones_fade()
    {
        var latency = new RecentLatency();
        Assert.Equal(0, latency.Quantile(0.99, 64));
        for (var n = 0; n < 1_000; n++)
        {
            latency.Add(1_000_000);
        }

        for (var n = 0; n < 12; n++)
        {
            latency.Age();
        }

        for (var n = 0; n < 100; n++)
        {
            latency.Add(1_000);
        }

        Assert.InRange(latency.Quantile(0.99, 64), 1_000, 1_250);
    }
}
