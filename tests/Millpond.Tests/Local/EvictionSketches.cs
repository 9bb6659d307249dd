using Millpond.Local;

namespace Millpond.Tests.Local;

/// <summary>The frequency sketch: what an estimate promises, and that nothing is done all at once.</summary>
public sealed class EvictionSketches
{
    private static uint Hash(int key) => (uint)key * 0x9E37_79B1;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_estimate_is_never_below_the_count_and_rarely_above_it(int seed)
    {
        var sketch = Fitted((ulong)seed, 1_000);
        var counts = new int[3_000];
        foreach (var key in EvictionWorkloads.Zipf(counts.Length, 10_000, seed))
        {
            counts[key]++;
            sketch.Increment(Hash(key));
        }

        Assert.Equal(0, sketch.Halvings);
        Assert.All(Enumerable.Range(0, counts.Length), key => Assert.InRange(sketch.Estimate(Hash(key)), Math.Min(counts[key], FrequencySketch.EstimateMax), FrequencySketch.EstimateMax));

        // Three keys for each entry that the sketch is made for, and still nine in ten are within one of the truth.
        var close = Enumerable.Range(0, counts.Length).Count(key => sketch.Estimate(Hash(key)) <= counts[key] + 1);
        Assert.InRange(close, counts.Length * 9 / 10, counts.Length);
    }

    [Fact]
    public void Counts_age_by_halving()
    {
        var sketch = Fitted(1, 1_000);
        for (var i = 0; i < 12; i++)
        {
            sketch.Increment(Hash(-1));
        }

        for (var key = 0; sketch.Halvings == 0; key++)
        {
            sketch.Increment(Hash(key % 2_000));
        }

        // Halving has begun, and takes one block of ten entries per increment.
        for (var i = 0; i < 110; i++)
        {
            sketch.Increment(Hash(5_000_000 + i));
        }

        Assert.InRange(sketch.Estimate(Hash(-1)), 6, 7);
    }

    [Fact]
    public void Growing_forgets_nothing()
    {
        var sketch = Fitted(1, 10);
        foreach (var key in EvictionWorkloads.Zipf(60, 150, 5))
        {
            sketch.Increment(Hash(key));
        }

        var before = Enumerable.Range(0, 60).Select(key => sketch.Estimate(Hash(key))).ToArray();
        for (var entries = 11; entries < 50_000; entries++)
        {
            sketch.Fit(entries);
        }

        Assert.Equal(before, Enumerable.Range(0, 60).Select(key => sketch.Estimate(Hash(key))));
    }

    [Fact]
    public void Memory_follows_the_number_of_entries()
    {
        Assert.Equal(FrequencySketch.BytesMin, Fitted(1, 100).Bytes);
        Assert.InRange(Fitted(1, 100_000).Bytes, FrequencySketch.BytesPerEntry * 99_000, (FrequencySketch.BytesPerEntry * 100_000L) + FrequencySketch.BytesMin);
    }

    [Fact]
    public void Keys_that_collide_under_one_seed_do_not_under_another()
    {
        // Whoever looks for keys that share all counters of key 0 finds some, if the seed is known.
        var known = Fitted(1, 100);
        for (var i = 0; i < 10; i++)
        {
            known.Increment(Hash(0));
        }

        var colliding = Enumerable.Range(1, 4_000_000).Where(key => known.Estimate(Hash(key)) == 10).Take(3).ToArray();
        Assert.NotEmpty(colliding);
        var other = Fitted(2, 100);
        for (var i = 0; i < 10; i++)
        {
            other.Increment(Hash(0));
        }

        Assert.All(colliding, key => Assert.Equal(0, other.Estimate(Hash(key))));
    }

    private static FrequencySketch Fitted(ulong seed, int entries)
    {
        var sketch = new FrequencySketch(seed);
        for (var n = 1; n <= entries; n++)
        {
            sketch.Fit(n);
        }

        return sketch;
    }
}
