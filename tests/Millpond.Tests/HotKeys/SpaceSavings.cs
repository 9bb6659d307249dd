using Millpond.HotKeys;
using Millpond.Tests.Rig;

namespace Millpond.Tests.HotKeys;

public sealed class SpaceSavings
{
    [Theory]
    [InlineData(1, 1.2)]
    [InlineData(2, 0.99)]
    [InlineData(3, 0.5)]
    public void No_count_is_too_low_and_none_too_high_by_more_than_one_counters_share(int seed, double skew)
    {
        var random = new Random(seed);
        var sketch = new SpaceSaving<int>(64);
        var truth = new double[2_000];
        for (var n = 0; n < 50_000; n++)
        {
            var key = (int)(truth.Length * Math.Pow(random.NextDouble(), 1 + (3 * skew)));
            truth[key]++;
            sketch.Add(key, 1);
        }

        var counted = Counts(sketch);
        Assert.Equal(50_000, sketch.Total, 1e-6);
        Assert.All(Enumerable.Range(0, truth.Length).Where(key => truth[key] > 50_000d / 64), key => Assert.Contains(key, counted.Keys));
        Assert.All(counted, one =>
        {
            Assert.InRange(one.Value.Reads, truth[one.Key], truth[one.Key] + (50_000d / 64));
            Assert.True(one.Value.Certain <= truth[one.Key]);
        });
    }

    [Fact]
    public void What_fades_gives_its_counter_to_what_is_asked_for_now()
    {
        var sketch = new SpaceSaving<string>(16);
        for (var n = 0; n < 16; n++)
        {
            sketch.Add($"old{n}", 1_000 + n);
        }

        sketch.Fade(1e-6);
        for (var n = 0; n < 160; n++)
        {
            sketch.Add($"new{n % 16}", 1);
        }

        Assert.All(Counts(sketch), one => Assert.True(one.Key.StartsWith("new", StringComparison.Ordinal) && Math.Abs(one.Value.Reads - 10) < 0.1, $"{one.Key} {one.Value.Reads}"));
    }

    [Fact]
    public void A_full_sketch_allocates_nothing()
    {
        var sketch = new SpaceSaving<long>(128);
        Count(10_000);

        Assert.Equal(0, Allocation.LeastOf(() => Count(10_000)));

        void Count(int times)
        {
            for (var n = 0L; n < times; n++)
            {
                sketch.Add(n * n % 5_003, 1);
            }
        }
    }

    private static Dictionary<TKey, SpaceSaving<TKey>.Counter> Counts<TKey>(SpaceSaving<TKey> sketch)
        where TKey : notnull => sketch.Counters.ToArray().ToDictionary(one => one.Key);
}
