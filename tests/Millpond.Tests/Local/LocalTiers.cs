using Millpond.Events;
using Millpond.Local;
using Millpond.Runtime;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>The local tier and its budget by themselves: bytes, floors, ceilings, who is evicted.</summary>
public sealed class LocalTiers
{
    private readonly LocalBudget _budget = new();
    private readonly KeyspaceCounters _counters = new();
    private long _now;

    public LocalTiers() => _budget.Resize(10_000);

    [Fact]
    public void The_budget_holds_over_several_keyspaces()
    {
        LocalTier<int, string>[] tiers = [Tier(), Tier(), Tier()];
        for (var n = 0; n < 1_000; n++)
        {
            tiers[n % 3].Set(n, Entries.Weighing(100 + (n % 7 * 50)));
            Assert.InRange(_budget.Bytes, 0, 10_000);
        }

        Assert.Equal(_budget.Bytes, tiers.Sum(tier => tier.Bytes));
        Assert.All(tiers, tier => Assert.InRange(tier.Bytes, 2_000, 5_000));
    }

    [Fact]
    public void The_budget_holds_when_large_entries_push_out_small_ones()
    {
        _budget.Resize(1_000_000);
        var tier = Tier();
        for (var n = 0; n < 10_000; n++)
        {
            tier.Set(n, Entries.Weighing(100));
        }

        for (var n = 0; n < 60; n++)
        {
            tier.Set(100_000 + n, Entries.Weighing(50_000));
            Assert.InRange(_budget.Bytes, 0, 1_000_000);
        }
    }

    [Fact]
    public void A_floor_keeps_a_keyspace_what_it_was_promised()
    {
        var (small, greedy) = (Tier(), Tier());
        small.Limit(2_000, long.MaxValue);
        for (var n = 0; n < 20; n++)
        {
            small.Set(n, Entries.Weighing(100));
        }

        for (var n = 0; n < 1_000; n++)
        {
            greedy.Set(n, Entries.Weighing(100));
        }

        Assert.Equal(2_000, small.Bytes);
        Assert.Equal(8_000, greedy.Bytes);
    }

    [Fact]
    public void Without_a_floor_a_keyspace_gives_way()
    {
        var (small, greedy) = (Tier(), Tier());
        small.Set(1, Entries.Weighing(9_000));
        for (var n = 0; n < 1_000; n++)
        {
            greedy.Set(n, Entries.Weighing(100));
        }

        Assert.Equal(0, small.Count);
    }

    [Fact]
    public void A_ceiling_holds_a_keyspace_down_and_one_that_is_lowered_takes_effect()
    {
        var tier = Tier();
        tier.Limit(0, 1_000);
        for (var n = 0; n < 100; n++)
        {
            tier.Set(n, Entries.Weighing(100));
            Assert.InRange(tier.Bytes, 0, 1_000);
        }

        Assert.Equal(10, tier.Count);
        tier.Limit(0, 350);
        Assert.Equal((3, 300L), (tier.Count, _budget.Bytes));
    }

    [Fact]
    public void What_is_larger_than_the_ceiling_or_the_budget_stays_out_and_so_does_its_forerunner()
    {
        var tier = Tier();
        tier.Set(1, Entries.Weighing(100));
        tier.Set(1, Entries.Weighing(10_001));
        Assert.Equal((0, 0L, 0L), (tier.Count, tier.Bytes, _budget.Bytes));
        tier.Limit(0, 0);
        tier.Set(1, Entries.Weighing(1));
        Assert.Equal(0, tier.Count);
    }

    [Fact]
    public void What_was_visited_outlives_what_was_not()
    {
        var tier = Tier();
        for (var n = 0; n < 100; n++)
        {
            tier.Set(n, Entries.Weighing(100));
        }

        for (var n = 0; n < 100; n += 10)
        {
            tier.Touch(n, 0);
        }

        for (var n = 100; n < 190; n++)
        {
            tier.Set(n, Entries.Weighing(100));
        }

        Assert.All(Enumerable.Range(0, 10), n => Assert.NotNull(tier.Held(n * 10)));
        Assert.Equal(90, _counters.Evictions(EvictionCause.Capacity));
    }

    [Fact]
    public void A_hot_set_survives_a_scan()
    {
        var tier = Tier();
        var hits = 0;
        for (var n = 0; n < 5_000; n++)
        {
            hits += tier.TryGet(n % 50, out _) ? 1 : 0;
            tier.Touch(n % 50, 0);
            if (tier.Held(n % 50) is null)
            {
                tier.Set(n % 50, Entries.Weighing(100));
            }

            tier.Set(1_000 + n, Entries.Weighing(100));
        }

        Assert.InRange(hits, 4_500, 5_000);
    }

    [Fact]
    public void The_expired_go_as_others_come()
    {
        _budget.Resize(1_000_000);
        var tier = Tier();
        for (var n = 0; n < 1_000; n++)
        {
            tier.Set(n, Entries.Weighing(100, hardUntil: TimeSpan.FromSeconds(1).Ticks));
        }

        _now = TimeSpan.FromSeconds(2).Ticks;
        for (var n = 0; n < 600; n++)
        {
            tier.Set(10_000 + n, Entries.Weighing(100));
        }

        Assert.Equal(600, tier.Count);
        Assert.Equal(1_000, _counters.Evictions(EvictionCause.Expired));
        Assert.Equal(0, _counters.Evictions(EvictionCause.Capacity));
    }

    [Fact]
    public void The_dead_go_before_the_living()
    {
        var tier = Tier();
        for (var n = 0; n < 100; n++)
        {
            tier.Set(n, Entries.Weighing(100, hardUntil: n < 50 ? TimeSpan.FromSeconds(1).Ticks : long.MaxValue));
        }

        _now = TimeSpan.FromSeconds(2).Ticks;
        tier.Set(100, Entries.Weighing(5_000));
        Assert.Equal((50L, 0L), (_counters.Evictions(EvictionCause.Expired), _counters.Evictions(EvictionCause.Capacity)));
        Assert.Equal(51, tier.Count);
    }

    [Fact]
    public void Counters_tell_every_cause()
    {
        var tier = Tier();
        tier.Set(1, Entries.Weighing(100));
        tier.Set(1, Entries.Weighing(200));
        tier.Remove(1, EvictionCause.Invalidated);
        tier.Remove(1, EvictionCause.Invalidated);
        tier.Set(2, Entries.Weighing(100));
        Assert.True(tier.TryGet(2, out var entry));
        tier.Set(2, Entries.Weighing(100));
        tier.Remove(2, entry, EvictionCause.Expired);

        Assert.Equal((2L, 1L, 0L), (_counters.Evictions(EvictionCause.Replaced), _counters.Evictions(EvictionCause.Invalidated), _counters.Evictions(EvictionCause.Expired)));
        Assert.Equal((1, 100L, 100L), (tier.Count, tier.Bytes, _budget.Bytes));
    }

    [Fact]
    public async Task Under_real_threads_bytes_are_the_sum_and_every_part_agrees()
    {
        _budget.Resize(200_000);
        LocalTier<int, string>[] tiers = [Tier(), Tier()];
        tiers[0].Limit(20_000, long.MaxValue);
        tiers[1].Limit(0, 150_000);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            var chance = new Random(worker);
            for (var n = 0; n < 20_000; n++)
            {
                var (tier, key) = (tiers[chance.Next(2)], chance.Next(2_000));
                switch (chance.Next(10))
                {
                    case < 5:
                        tier.TryGet(key, out _);
                        break;
                    case < 8:
                        tier.Set(key, Entries.Weighing(chance.Next(50, 500), hardUntil: chance.Next(20) == 0 ? 0 : long.MaxValue));
                        break;
                    case 8:
                        tier.Remove(key, EvictionCause.Invalidated);
                        break;
                    default:
                        tier.Touch(key, 0);
                        break;
                }
            }
        })));

        Assert.InRange(_budget.Bytes, 0, 200_000);
        Assert.Equal(_budget.Bytes, tiers.Sum(tier => tier.Bytes));
        Assert.InRange(tiers[1].Bytes, 0, 150_000);
        Assert.All(tiers, tier => tier.Validate());
        Assert.All(tiers, tier => tier.Limit(0, 0));
        Assert.Equal((0L, 0, 0), (_budget.Bytes, tiers[0].Count, tiers[1].Count));
    }

    private LocalTier<int, string> Tier()
    {
        var tier = new LocalTier<int, string>(_budget, _counters, new Surroundings(new TicksTime(() => _now)), long.MaxValue, slidesHere: true);
        tier.Limit(0, long.MaxValue);
        return tier;
    }
}
