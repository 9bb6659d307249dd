using Millpond.Local;

namespace Millpond.Tests.Local;

/// <summary>The wheel against a list of deadlines: nothing goes early, nothing stays longer than a tick, no step is unbounded.</summary>
public sealed class ExpiryWheels : IExpiring
{
    private const long Tick = 64;

    private readonly Dictionary<int, long> _deadlines = [];
    private readonly Dictionary<int, long> _setAt = [];
    private long _now;
    private int _looks;

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 10_000)]
    [InlineData(3, 10_000_000)]
    [InlineData(4, 3_000_000_000)]
    [InlineData(5, 15_000_000_000)]
    public void Nothing_goes_early_and_nothing_stays_a_tick_too_long(int seed, long span)
    {
        var chance = new Random(seed);
        _now = chance.NextInt64(1L << 40);
        var wheel = new ExpiryWheel(this, _now);
        for (var n = 0; n < 20_000; n++)
        {
            var slot = chance.Next(600);
            switch (chance.Next(8))
            {
                case < 5:
                    _deadlines[slot] = chance.Next(50) == 0 ? long.MaxValue - chance.Next(2) : _now + (chance.NextInt64(span) >> chance.Next(12)) - (chance.Next(20) == 0 ? 500 : 0);
                    _setAt[slot] = _now;
                    wheel.SetNeedsGate(slot, _deadlines[slot]);
                    break;
                case 5:
                    _deadlines.Remove(slot);
                    break;
                case 6:
                    _now += chance.NextInt64(1 + (span >> chance.Next(8, 30)));
                    Advance(wheel);
                    break;
                default:
                    // Put off without a word, as a sliding entry is.
                    if (_deadlines.TryGetValue(slot, out var deadline) && deadline < long.MaxValue / 2)
                    {
                        _deadlines[slot] = deadline + chance.NextInt64(span);
                    }

                    break;
            }
        }

        _now += span * 4;
        Advance(wheel);
        wheel.Validate(600);
        Assert.All(_deadlines.Values, deadline => Assert.True(deadline > _now));
    }

    [Fact]
    public void A_step_looks_through_no_more_blocks_than_it_may_and_what_is_left_goes_in_the_next()
    {
        var wheel = new ExpiryWheel(this, 0);
        for (var slot = 0; slot < 8_000; slot++)
        {
            _deadlines[slot] = 1_000;
            wheel.SetNeedsGate(slot, 1_000);
        }

        _now = 5_000;
        var steps = 0;
        for (var isDone = false; !isDone; steps++)
        {
            _looks = 0;
            isDone = wheel.AdvanceNeedsGate(_now, 4);
            Assert.InRange(_looks, 0, 4 * ExpiryWheel.BlockSlots);
        }

        Assert.Empty(_deadlines);
        Assert.InRange(steps, 250, 252);
    }

    [Fact]
    public void However_long_it_slept_a_step_is_bounded_by_what_hangs_and_not_by_the_time()
    {
        var wheel = new ExpiryWheel(this, 0);
        for (var n = 0; n < 12; n++)
        {
            _deadlines[n * 8] = 1L << (3 * n);
            wheel.SetNeedsGate(n * 8, 1L << (3 * n));
        }

        _now = 1L << 37;
        _looks = 0;
        Assert.True(wheel.AdvanceNeedsGate(_now, 12 * 6));
        Assert.Empty(_deadlines);
        wheel.Validate(100);
    }

    [Fact]
    public void A_future_beyond_its_wheels_is_kept()
    {
        var wheel = new ExpiryWheel(this, 0);
        _deadlines[0] = 1L << 45;
        wheel.SetNeedsGate(0, 1L << 45);
        foreach (var now in new[] { 1L << 20, 1L << 37, 1L << 38, (1L << 38) + 1_000, 1L << 44 })
        {
            _now = now;
            wheel.AdvanceNeedsGate(now, 100);
            Assert.Single(_deadlines);
        }

        _now = 1L << 46;
        wheel.AdvanceNeedsGate(_now, 100);
        Assert.Empty(_deadlines);
    }

    long IExpiring.DeadlineOf(int slot)
    {
        _looks++;
        return _deadlines.GetValueOrDefault(slot, long.MaxValue);
    }

    void IExpiring.Expire(int slot)
    {
        Assert.InRange(_deadlines[slot], long.MinValue, _now);
        _deadlines.Remove(slot);
    }

    private void Advance(ExpiryWheel wheel)
    {
        for (var n = 0; !wheel.AdvanceNeedsGate(_now, 3); n++)
        {
            Assert.InRange(n, 0, 600);
        }

        wheel.Validate(600);
        Assert.All(_deadlines, pair => Assert.True(Math.Max(pair.Value, _setAt[pair.Key]) > _now - (2 * Tick), "An entry stayed too long."));
    }
}
