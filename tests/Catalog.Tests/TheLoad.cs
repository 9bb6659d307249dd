using Catalog.Database;
using Catalog.Load;

namespace Catalog.Tests;

public sealed class TheLoad
{
    private static readonly HotList Hot = new([.. Enumerable.Range(1, 50_000)], ["pond64", "reed_flop"], ["fro", "her"]);

    [Fact]
    public void A_rank_is_drawn_as_often_as_Zipf_says()
    {
        var sampler = new ZipfSampler(10_000, 0.99);
        var random = new Random(1);
        int[] counts = new int[sampler.Ranks];
        const int Draws = 400_000;
        for (int draw = 0; draw < Draws; draw++)
        {
            counts[sampler.Next(random)]++;
        }

        // Five standard deviations of a binomial count: a right sampler fails this less than once in a million seeds.
        foreach (int rank in new[] { 0, 1, 2, 9, 99 })
        {
            double expected = Draws * sampler.Share(rank);
            Assert.InRange(counts[rank], expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected)));
        }

        Assert.Equal(Math.Pow(2, 0.99), sampler.Share(0) / sampler.Share(1), 9);
        Assert.Equal(Draws, counts.Sum());
    }

    [Fact]
    public void The_most_popular_product_leaves_the_hot_set_when_it_drifts()
    {
        var time = new StoppedClock();
        var mix = new RequestMix(Hot, new FlashCrowd(Hot, time), time, new Random(1));
        Assert.Equal("/products/1", MostWanted(mix));

        time.Advance(RequestMix.DriftPeriod);
        Assert.Equal("/products/2", MostWanted(mix));
        time.Advance(RequestMix.DriftPeriod * 9);
        Assert.Equal("/products/11", MostWanted(mix));
    }

    [Fact]
    public void A_flash_crowd_wants_one_product_that_nobody_wanted_before_and_then_goes_home()
    {
        var time = new StoppedClock();
        var crowd = new FlashCrowd(Hot, time);
        var mix = new RequestMix(Hot, crowd, time, new Random(1));

        crowd.Start(TimeSpan.FromSeconds(8));
        int wanted = Assert.NotNull(crowd.Product);
        Assert.True(wanted > RequestMix.HotSetMax);
        Assert.Equal($"/products/{wanted}", MostWanted(mix));

        time.Advance(TimeSpan.FromSeconds(8));
        Assert.Null(crowd.Product);
        Assert.Equal("/products/1", MostWanted(mix));
    }

    [Fact]
    public void Every_kind_of_request_is_in_the_mix()
    {
        var mix = new RequestMix(Hot, new FlashCrowd(Hot, TimeProvider.System), TimeProvider.System, new Random(1));
        LoadRequest[] requests = [.. Enumerable.Range(0, 20_000).Select(_ => mix.Next())];

        Assert.Equal(Enum.GetValues<LoadKind>(), requests.Select(request => request.Kind).Distinct().Order());
        double changes = requests.Count(request => request.Kind == LoadKind.StockChange) / (double)requests.Length;
        Assert.InRange(changes, 0.015, 0.025);
    }

    private static string? MostWanted(RequestMix mix) =>
        Enumerable.Range(0, 3_000).Select(_ => mix.Next()).Where(request => request.Kind == LoadKind.Product)
            .GroupBy(request => request.Path).MaxBy(group => group.Count())?.Key;
}
