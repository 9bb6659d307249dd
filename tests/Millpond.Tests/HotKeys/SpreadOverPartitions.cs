using Millpond.Events;
using Millpond.HotKeys;
using Millpond.Testing.Time;
using Millpond.Tests.Rig;

namespace Millpond.Tests.HotKeys;

public sealed class SpreadOverPartitions
{
    private readonly SimulatedSurroundings _surroundings = new(seed: 1);
    private readonly Heard _heard = new();

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(0.1, 2.5, false)]
    [InlineData(0.5, 8.5, true)]
    public void What_the_busiest_partition_is_asked_is_told_and_raised_once_if_it_is_much(double hotShare, double skew, bool isRaised)
    {
        var loads = new PartitionLoads("thing", 16, _surroundings, _heard);
        Ask(loads, hotShare, seconds: 4, asksPerSecond: 16_000);

        Assert.InRange(loads.Skew, skew, skew + 0.2);
        Assert.Equal(isRaised ? 1 : 0, _heard.All<ShardsSkewed>().Count());
        _surroundings.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, loads.Skew);
    }

    [Fact]
    public void Of_a_few_asks_nothing_is_said()
    {
        var loads = new PartitionLoads("thing", 16, _surroundings, _heard);
        Ask(loads, hotShare: 1, seconds: 3, asksPerSecond: 100);

        Assert.Equal(0, loads.Skew);
        Assert.Empty(_heard.All<ShardsSkewed>());
    }

    private void Ask(PartitionLoads loads, double hotShare, int seconds, int asksPerSecond)
    {
        for (var n = 0; n < seconds * 100; n++)
        {
            for (var ask = 0; ask < asksPerSecond / 100; ask++)
            {
                loads.Count(ask < hotShare * asksPerSecond / 100 ? 3 : ask % 16);
            }

            _surroundings.Clock.Advance(TimeSpan.FromMilliseconds(10));
        }
    }
}
