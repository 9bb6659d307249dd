using Millpond.Local;

namespace Millpond.Tests.Local;

public sealed class CompactNumbers
{
    [Fact]
    public void Every_code_stands_for_a_number_of_its_own_and_comes_back()
    {
        var before = -1L;
        for (var code = 0; code <= ushort.MaxValue; code++)
        {
            var value = CompactNumber.Value((ushort)code);
            Assert.True(value > before);
            Assert.Equal((ushort)code, CompactNumber.AtMost(value));
            before = value;
        }

        Assert.Equal(CompactNumber.MaxValue, before);
    }

    [Fact]
    public void A_number_is_rounded_down_and_by_less_than_one_part_in_2048()
    {
        var chance = new Random(4);
        for (var n = 0; n < 100_000; n++)
        {
            var value = chance.NextInt64(CompactNumber.MaxValue) >> chance.Next(42);
            var kept = CompactNumber.Value(CompactNumber.AtMost(value));
            Assert.InRange(kept, value - (value / 2_048), value);
            Assert.True(value >= 2_048 || kept == value);
        }
    }

    [Fact]
    public void What_does_not_fit_is_the_nearest_that_does()
    {
        Assert.Equal((ushort)0, CompactNumber.AtMost(-5));
        Assert.Equal(CompactNumber.MaxValue, CompactNumber.Value(CompactNumber.AtMost(long.MaxValue)));
        Assert.Equal(CompactNumber.MaxValue - (1L << 30), CompactNumber.Value(CompactNumber.AtMost(CompactNumber.MaxValue - 1)));
    }
}
