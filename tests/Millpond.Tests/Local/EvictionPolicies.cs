namespace Millpond.Tests.Local;

/// <summary>What the eviction policy keeps: the ratios are floors below which something broke, a little under what it reaches.</summary>
public sealed class EvictionPolicies
{
    [Theory]
    [InlineData(500, 0.50)]
    [InlineData(2_500, 0.66)]
    [InlineData(10_000, 0.79)]
    public void Popular_keys_stay(int entriesMax, double floor)
    {
        var rig = new EvictionRig(entriesMax);
        rig.HitRatio(EvictionWorkloads.Zipf(50_000, 200_000, seed: 1));
        Assert.InRange(rig.HitRatio(EvictionWorkloads.Zipf(50_000, 200_000, seed: 2)), floor, 1);
    }

    [Fact]
    public void A_scan_leaves_what_is_wanted_in_place()
    {
        var rig = new EvictionRig(1_000);
        rig.HitRatio(EvictionWorkloads.Zipf(5_000, 100_000, seed: 1));
        var before = rig.HitRatio(EvictionWorkloads.Zipf(5_000, 5_000, seed: 2));
        foreach (var key in Enumerable.Range(1_000_000, 5_000))
        {
            rig.Read(key);
        }

        Assert.InRange(rig.HitRatio(EvictionWorkloads.Zipf(5_000, 5_000, seed: 3)), before - 0.03, 1);
    }

    [Fact]
    public void A_loop_that_does_not_fit_hits_where_LRU_never_does()
    {
        var loop = EvictionWorkloads.Loop(1_500, rounds: 60).ToArray();
        Assert.Equal(0, EvictionWorkloads.LruHitRatio(loop, 1_000));
        Assert.InRange(new EvictionRig(1_000).HitRatio(loop), 0.55, 0.667);
    }

    [Fact]
    public void Keys_that_come_twice_and_never_again_are_kept_until_they_do()
    {
        var twice = EvictionWorkloads.Twice(100_000, distance: 400).ToArray();
        Assert.Equal(0.5, EvictionWorkloads.LruHitRatio(twice, 1_000), 2);
        Assert.InRange(new EvictionRig(1_000).HitRatio(twice), 0.47, 0.5);
    }

    [Fact]
    public void A_hot_set_that_moves_is_followed()
    {
        var rig = new EvictionRig(1_000);
        rig.HitRatio(EvictionWorkloads.Zipf(5_000, 200_000, seed: 1));
        var settled = rig.HitRatio(EvictionWorkloads.Zipf(5_000, 20_000, seed: 2));
        rig.HitRatio(EvictionWorkloads.Zipf(5_000, 20_000, seed: 3, firstKey: 100_000));
        Assert.InRange(rig.HitRatio(EvictionWorkloads.Zipf(5_000, 20_000, seed: 4, firstKey: 100_000)), settled - 0.03, 1);
    }

    [Fact]
    public void A_set_that_never_stops_moving_costs_no_more_than_a_point_against_LRU()
    {
        var drift = Enumerable.Range(0, 80).SelectMany(n => EvictionWorkloads.Zipf(5_000, 5_000, seed: n, firstKey: n * 500)).ToArray();
        Assert.InRange(new EvictionRig(1_000).HitRatio(drift), EvictionWorkloads.LruHitRatio(drift, 1_000) - 0.01, 1);
    }

    [Fact]
    public void The_window_widens_for_recency_and_narrows_for_frequency()
    {
        var rig = new EvictionRig(1_000);
        rig.HitRatio(EvictionWorkloads.Twice(50_000, distance: 400));
        Assert.InRange(rig.Policy.WindowShare, 0.4, 1);
        rig.HitRatio(EvictionWorkloads.Loop(1_500, rounds: 60));
        Assert.InRange(rig.Policy.WindowShare, 0, 0.05);
        Assert.InRange(rig.Policy.WindowBytes, 1, 52);
    }

    [Fact]
    public void Hashes_that_are_all_equal_cost_the_frequencies_but_not_the_cache()
    {
        // Every key is as frequent as every other then: what remains is recency.
        var reads = EvictionWorkloads.Zipf(5_000, 100_000, seed: 1).ToArray();
        Assert.InRange(new EvictionRig(500, hash: _ => 7).HitRatio(reads), EvictionWorkloads.LruHitRatio(reads, 500) - 0.05, 1);
    }

    [Fact]
    public void A_large_entry_must_outweigh_all_that_it_pushes_out()
    {
        var rig = new EvictionRig(1_000);
        foreach (var round in Enumerable.Range(0, 10))
        {
            rig.HitRatio(Enumerable.Range(0, 900));
            rig.Read(10_000 + round, 400);
        }

        var held = rig.Keys.Count(key => key < 900);
        Assert.InRange(held, 850, 900);

        // Asked for again and again, by itself: still not what four hundred others together are.
        for (var n = 0; n < 5; n++)
        {
            rig.Read(20_000, 400);
            rig.HitRatio(Enumerable.Range(30_000 + (n * 50), 50));
        }

        Assert.InRange(rig.Keys.Count(key => key < 900), 850, 900);
    }

    [Fact]
    public void Of_two_equally_wanted_the_smaller_stays()
    {
        var rig = new EvictionRig(10_000);
        var random = new Random(1);
        for (var n = 0; n < 100_000; n++)
        {
            var key = random.Next(1_000);
            rig.Read(key, key % 2 == 0 ? 10u : 40u);
        }

        var (small, large) = (rig.Keys.Count(key => key % 2 == 0), rig.Keys.Count(key => key % 2 == 1));
        Assert.True(small > 2 * large, $"{small} small and {large} large entries are held.");
    }

    [Fact]
    public void Another_value_for_a_key_is_no_evidence_that_it_is_wanted()
    {
        var (plain, refreshed) = (new EvictionRig(200), new EvictionRig(200));
        foreach (var key in EvictionWorkloads.Zipf(2_000, 20_000, seed: 1))
        {
            Assert.Equal(plain.Read(key), refreshed.Read(key));
            refreshed.Replace(key, 1);
        }

        Assert.Equal(plain.Evicted, refreshed.Evicted);
        Assert.NotEmpty(plain.Evicted);
    }
}
