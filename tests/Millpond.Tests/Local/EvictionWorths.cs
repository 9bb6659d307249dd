namespace Millpond.Tests.Local;

/// <summary>How policies compare what they would evict next, so that one budget can serve many.</summary>
public sealed class EvictionWorths
{
    [Fact]
    public void What_is_asked_for_again_is_worth_more_than_what_is_only_scanned()
    {
        // The scan is ten times as busy.
        var (wanted, scanned) = (new EvictionRig(1_000), new EvictionRig(1_000));
        var scan = 0;
        long now = 0;
        foreach (var key in EvictionWorkloads.Zipf(2_000, 60_000, seed: 1))
        {
            wanted.Read(key);
            for (var i = 0; i < 10; i++)
            {
                scanned.Read(1_000_000 + scan++);
            }

            now += 100;
            wanted.Worth(now);
            scanned.Worth(now);
        }

        Assert.True(wanted.Worth(now) > 10 * scanned.Worth(now), $"{wanted.Worth(now)} against {scanned.Worth(now)}");
    }

    [Fact]
    public void The_same_reads_in_a_tenth_of_the_time_are_worth_about_ten_times_as_much()
    {
        var (slow, fast) = (new EvictionRig(1_000), new EvictionRig(1_000));
        var ratios = new List<double>();
        var n = 0;
        foreach (var key in EvictionWorkloads.Zipf(2_000, 100_000, seed: 1))
        {
            slow.Read(key);
            fast.Read(key);
            n++;
            var ratio = fast.Worth(n * 10L) / slow.Worth(n * 100L);
            ratios.Add(ratio);
        }

        Assert.InRange(ratios[^1], 9.5, 10.5);
    }

    [Fact]
    public void Worth_is_by_the_byte()
    {
        var (light, heavy) = (new EvictionRig(1_000), new EvictionRig(50_000));
        foreach (var key in EvictionWorkloads.Zipf(2_000, 50_000, seed: 1))
        {
            light.Read(key);
            heavy.Read(key, 50);
        }

        light.Worth(0);
        heavy.Worth(0);
        Assert.InRange(light.Worth(1_000) / heavy.Worth(1_000), 40, 60);
    }

    [Fact]
    public void Time_that_passes_without_a_read_makes_all_worth_less()
    {
        var rig = new EvictionRig(100);
        rig.HitRatio(EvictionWorkloads.Zipf(500, 5_000, seed: 1));
        rig.Worth(0);
        Assert.Equal(rig.Worth(1_000) / 2, rig.Worth(2_000), 9);
    }
}
