using Millpond.Local;

namespace Millpond.Tests.Local;

public sealed class AgesAtEviction
{
    [Fact]
    public void A_quantile_is_within_the_power_of_two_of_the_age_it_stands_for()
    {
        var (chance, histogram, ages) = (new Random(9), new AgeHistogram(), new List<long>());
        for (var n = 0; n < 5_000; n++)
        {
            ages.Add(1 + (chance.NextInt64(1L << 40) >> chance.Next(41)));
            histogram.AddNeedsGate(ages[^1]);
        }

        ages.Sort();
        foreach (var share in new[] { 0.01, 0.1, 0.5, 0.9, 0.99, 1 })
        {
            var real = ages[Math.Max(0, (int)(share * ages.Count) - 1)];
            Assert.InRange(Quantile(share, histogram), real / 2.0, real * 2.0);
        }
    }

    [Fact]
    public void Ages_spread_evenly_within_a_power_of_two_are_told_to_a_few_per_cent()
    {
        var histogram = new AgeHistogram();
        for (var age = 1_024; age < 2_048; age++)
        {
            histogram.AddNeedsGate(age);
        }

        Assert.InRange(Quantile(0.25, histogram), 1_270, 1_290);
        Assert.InRange(Quantile(0.75, histogram), 1_780, 1_805);
    }

    [Fact]
    public void Histograms_add_up_and_the_odd_ends_have_a_place()
    {
        var (young, old) = (new AgeHistogram(), new AgeHistogram());
        young.AddNeedsGate(-5);
        young.AddNeedsGate(0);
        old.AddNeedsGate(long.MaxValue);

        Assert.Equal(0, Quantile(0.5));
        Assert.InRange(Quantile(0.5, young, old), 1, 2);
        Assert.InRange(Quantile(1, young, old), Math.ScaleB(1, AgeHistogram.Buckets - 1), Math.ScaleB(1, AgeHistogram.Buckets));
    }

    private static double Quantile(double share, params AgeHistogram[] histograms)
    {
        var counts = new long[AgeHistogram.Buckets];
        Array.ForEach(histograms, histogram => histogram.AddTo(counts));
        return AgeHistogram.Quantile(counts, share);
    }
}
