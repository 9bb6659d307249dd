using Catalog.Page;

namespace Catalog.Tests;

public sealed class Figures
{
    [Theory]
    [InlineData(0.000_002)]
    [InlineData(0.004)]
    [InlineData(1.5)]
    public void A_percentile_is_right_to_within_five_per_cent(double seconds)
    {
        var histogram = new DurationHistogram(5);
        for (int count = 0; count < 98; count++)
        {
            histogram.Record(seconds);
        }

        histogram.Record(seconds * 10);
        histogram.Record(seconds * 10);

        Spread spread = Assert.NotNull(histogram.Read());
        Assert.InRange(spread.P50, seconds * 1e3 * 0.95, seconds * 1e3 * 1.05);
        Assert.InRange(Assert.NotNull(spread.P99), seconds * 1e4 * 0.95, seconds * 1e4 * 1.05);
    }

    [Fact]
    public void Fewer_than_a_hundred_have_a_slowest_but_no_p99()
    {
        var histogram = new DurationHistogram(5);
        for (int count = 0; count < 99; count++)
        {
            histogram.Record(0.001);
        }

        Assert.Null(histogram.Read()?.P99);
        histogram.Record(0.1);

        Spread spread = Assert.NotNull(histogram.Read());
        Assert.InRange(Assert.NotNull(spread.P99), 0.95, 1.05);
        Assert.InRange(spread.Slowest, 95, 105);
    }

    [Fact]
    public void A_histogram_forgets_what_is_older_than_its_window()
    {
        var histogram = new DurationHistogram(5);
        histogram.Record(1);
        for (int second = 1; second < 5; second++)
        {
            histogram.Turn();
            Assert.NotNull(histogram.Read());
        }

        histogram.Turn();
        Assert.Null(histogram.Read());
    }

    [Fact]
    public void Ages_are_shares_that_add_up()
    {
        var ages = new AgeBuckets();
        Assert.All(ages.Turn(), share => Assert.Equal(0, share));

        ages.Record(0.2);
        ages.Record(0.999);
        ages.Record(1);
        ages.Record(10_000);
        Assert.Equal([0.5, 0.25, 0, 0, 0, 0, 0.25], ages.Turn());
        Assert.Equal(AgeBuckets.UpperSeconds.Length, AgeBuckets.Labels.Length);
    }

    [Fact]
    public void The_keys_asked_for_most_come_first_and_the_forgotten_ones_go()
    {
        var hot = new HotKeys(100);
        for (int count = 0; count < 10; count++)
        {
            hot.Count(7);
            hot.Count(count < 5 ? 8 : 9);
        }

        hot.Count(-1);
        hot.Count(101);
        hot.Tick(2);
        Assert.Equal(7, hot.Hottest);
        Assert.Equal(2, hot.Top.Count);

        for (int second = 0; second < 60; second++)
        {
            hot.Tick(2);
        }

        Assert.Null(hot.Hottest);
    }

    [Fact]
    public void Tags_are_read_by_the_last_part_of_their_name()
    {
        var read = Measurement.Of("millpond.hits",
        [
            new("millpond.cache", "default"), new("millpond.keyspace", "product"), new("millpond.tier", "local"), new("millpond.freshness", "stale"), new("millpond.negative", true),
        ]);

        Assert.Equal(new Measurement("millpond.hits", "product", "local", "stale", true, ""), read);
        Assert.Equal("timeout", Measurement.Of("millpond.load.failures", [new("error.type", "timeout")]).Cause);
    }
}
