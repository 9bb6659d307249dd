using Millpond.Local;

namespace Millpond.Tests.Local;

/// <summary>The budget against shards that only count: what is dealt out and what is left always add up to it.</summary>
public sealed class DealingBytes
{
    private readonly LocalBudget _budget = new();

    [Fact]
    public void Dealt_out_and_left_add_up_to_the_budget_through_anything()
    {
        var chance = new Random(8);
        _budget.Resize(1_000_000);
        Share[] shares = [.. Enumerable.Range(0, 5).Select(_ => Join())];
        for (var n = 0; n < 30_000; n++)
        {
            var share = shares[chance.Next(shares.Length)];
            switch (chance.Next(12))
            {
                case 0:
                    _budget.Resize(chance.Next(100_000, 2_000_000));
                    break;
                case 1:
                    (share.QuotaPromised, share.QuotaMax) = (chance.Next(20_000), chance.Next(50_000, 3_000_000));
                    _budget.Reserve(share);
                    break;
                case 2:
                    share.VictimWorth = chance.NextDouble();
                    _budget.Balance(share);
                    break;
                case 3:
                    _budget.Claim(share, chance.Next(500_000));
                    break;
                case 4:
                    _budget.Return(share.Yield(chance.Next(100_000), 10));
                    break;
                default:
                    share.Fill(_budget, chance.Next(20_000));
                    break;
            }

            AddsUp(shares);
            Assert.InRange(shares.Sum(one => one.Quota), 0, _budget.BytesMax);
            Assert.All(shares, one => Assert.InRange(one.Bytes, 0, one.Quota));
        }
    }

    [Fact]
    public void A_floor_is_had_at_once_and_kept_whatever_others_claim()
    {
        _budget.Resize(100_000);
        var (rich, poor) = (Join(), Join());
        rich.Fill(_budget, 100_000);
        poor.QuotaPromised = 30_000;
        _budget.Reserve(poor);
        Assert.InRange(poor.Quota, 30_000, 100_000);
        _budget.Claim(rich, 100_000);
        Assert.InRange(poor.Quota, 30_000, 100_000);
        _budget.Resize(50_000);
        Assert.Equal(30_000, poor.Quota);
        AddsUp(rich, poor);
    }

    [Fact]
    public void Floors_give_way_in_proportion_while_all_together_are_more_than_there_is_and_come_back()
    {
        _budget.Resize(100_000);
        var (large, small, free) = (Join(), Join(), Join());
        (large.QuotaPromised, small.QuotaPromised) = (60_000, 20_000);
        _budget.Reserve(large);
        _budget.Reserve(small);
        large.Fill(_budget, 60_000);
        small.Fill(_budget, 20_000);
        free.Fill(_budget, 20_000);

        _budget.Resize(40_000);
        Assert.Equal((30_000, 10_000, 0), (large.Quota, small.Quota, free.Quota));
        Assert.Equal(40_000, large.Bytes + small.Bytes + free.Bytes);
        _budget.Claim(free, 30_000);
        Assert.Equal((30_000, 10_000, 0), (large.Quota, small.Quota, free.Quota));

        _budget.Resize(90_000);
        Assert.Equal((60_000, 20_000), (large.Quota, small.Quota));
        AddsUp(large, small, free);
    }

    [Fact]
    public void A_promise_that_others_lower_for_is_theirs_again_when_it_is_taken_back()
    {
        _budget.Resize(100_000);
        var (first, second) = (Join(), Join());
        (first.QuotaPromised, second.QuotaPromised) = (80_000, 80_000);
        _budget.Reserve(first);
        _budget.Reserve(second);
        Assert.Equal((50_000, 50_000), (first.Quota, second.Quota));

        second.QuotaPromised = 10_000;
        _budget.Reserve(second);
        Assert.Equal((80_000, 10_000), (first.Quota, second.QuotaMin));
        AddsUp(first, second);
    }

    [Fact]
    public void A_ceiling_is_never_passed()
    {
        _budget.Resize(100_000);
        var share = Join();
        share.QuotaMax = 10_000;
        share.Fill(_budget, 50_000);
        Assert.Equal(10_000, share.Quota);
        _budget.Claim(share, 60_000);
        Assert.Equal(10_000, share.Quota);
    }

    [Fact]
    public void Bytes_go_to_where_the_next_victim_is_worth_more_and_not_to_and_fro_between_equals()
    {
        _budget.Resize(1_000_000);
        var (dear, cheap) = (Join(), Join());
        dear.Fill(_budget, 500_000);
        cheap.Fill(_budget, 500_000);
        (dear.VictimWorth, cheap.VictimWorth) = (1.0, 0.9);
        Turn(dear, cheap);
        Assert.InRange(dear.Quota, 480_000, 520_000);
        (dear.VictimWorth, cheap.VictimWorth) = (1.0, 0.1);
        Turn(dear, cheap);
        Assert.InRange(dear.Quota, 900_000, 1_000_000);
        (dear.VictimWorth, cheap.VictimWorth) = (0.1, 1.0);
        Turn(dear, cheap);
        Turn(dear, cheap);
        Assert.InRange(cheap.Quota, 900_000, 1_000_000);
        AddsUp(dear, cheap);
    }

    [Fact]
    public void A_claim_is_met_by_those_that_have_most()
    {
        _budget.Resize(1_000_000);
        var (rich, poor, asking) = (Join(), Join(), Join());
        rich.Fill(_budget, 900_000);
        poor.Fill(_budget, 100_000);
        _budget.Claim(asking, 200_000);
        Assert.InRange(asking.Quota, 200_000, 300_000);
        Assert.InRange(poor.Quota, 99_000, 100_000);
        AddsUp(rich, poor, asking);
    }

    private Share Join()
    {
        var share = new Share();
        _budget.Join(share);
        return share;
    }

    private void Turn(Share one, Share other)
    {
        for (var n = 0; n < 1_000; n++)
        {
            _budget.Balance(one);
            one.Fill(_budget, 1_000);
            _budget.Balance(other);
            other.Fill(_budget, 1_000);
        }
    }

    private void AddsUp(params Share[] shares)
    {
        var left = _budget.Take(long.MaxValue, long.MaxValue);
        _budget.Return(left);
        Assert.Equal(_budget.BytesMax, shares.Sum(share => share.Quota) + left);
    }

    /// <summary>A share that holds bytes of a hundred an entry and nothing else.</summary>
    private sealed class Share : ILocalShare
    {
        public long Bytes { get; private set; }

        public long Quota { get; private set; }

        public long QuotaPromised { get; set; }

        public long QuotaMin { get; set; }

        public long QuotaMax { get; set; } = long.MaxValue;

        public double VictimWorth { get; set; } = 1;

        public void Fill(LocalBudget budget, long bytes)
        {
            Quota += Bytes + bytes > Quota ? budget.Take(Bytes + bytes - Quota, QuotaMax - Quota) : 0;
            Bytes = Math.Min(Bytes + bytes, Math.Max(Quota, 0));
        }

        public void Grant(long bytes) => Quota += bytes;

        public long Yield(long bytes, int evictionsMax)
        {
            var goal = Math.Max(Quota - bytes, QuotaMin);
            Bytes = Math.Max(Math.Min(Bytes, goal), evictionsMax == int.MaxValue ? 0 : Bytes - (evictionsMax * 100));
            var yielded = Math.Max(0, Quota - Math.Max(goal, Bytes));
            Quota -= yielded;
            return yielded;
        }
    }
}
