using Millpond.Local;

namespace Millpond.Tests.Local;

public sealed class CompactWeights
{
    [Fact]
    public void Every_code_stands_for_a_weight_of_its_own_and_comes_back()
    {
        var before = 0u;
        for (var code = 1u; CompactWeight.Value(code) <= SlotNodes.WeightMax; code++)
        {
            var value = CompactWeight.Value(code);
            Assert.True(value > before);
            Assert.Equal(code, CompactWeight.AtLeast(value));
            before = value;
        }

        Assert.InRange(before, SlotNodes.WeightMax / 1_025 * 1_024, SlotNodes.WeightMax);
    }

    [Fact]
    public void A_weight_is_rounded_up_and_by_less_than_one_part_in_1024()
    {
        var chance = new Random(7);
        for (var n = 0; n < 100_000; n++)
        {
            var weight = Math.Max(1, chance.NextInt64(SlotNodes.WeightMax) >> chance.Next(30));
            var kept = CompactWeight.Rounded(weight);
            Assert.InRange(kept, weight, weight + (weight / 1_024));
            Assert.True(weight >= 2_048 || kept == weight);
            Assert.InRange(CompactWeight.AtLeast((uint)weight), 1u, CompactWeight.CodeMax);
        }

        Assert.Equal((1L, 1L << 30, SlotNodes.WeightMax + 1L), (CompactWeight.Rounded(0), CompactWeight.Rounded(SlotNodes.WeightMax - 1), CompactWeight.Rounded(SlotNodes.WeightMax + 1L)));
    }

    /// <summary>Each field of a node is written beside the others, up to its largest.</summary>
    [Fact]
    public void What_a_node_says_of_one_thing_changes_nothing_else()
    {
        var node = default(SlotNode);
        Assert.Equal((-1, -1, SlotRegion.None, 0u), (node.Older, node.Newer, node.Region, node.Weight));
        foreach (var (older, newer, region, weight) in new[] { (SlotIndex.SlotsMax, -1, SlotRegion.Main, 1u), (-1, SlotIndex.SlotsMax, SlotRegion.Window, SlotNodes.WeightMax), (0, 1, SlotRegion.Main, 77u), (-1, 0, SlotRegion.Window, 0u) })
        {
            (node.Older, node.Newer) = (older, newer);
            node.Set(region, weight);
            Assert.Equal((older, newer, region, (uint)CompactWeight.Rounded(weight)), (node.Older, node.Newer, node.Region, node.Weight));
        }

        node.Set(SlotRegion.None, 0);
        Assert.Equal((-1, 0, SlotRegion.None, 0u), (node.Older, node.Newer, node.Region, node.Weight));
    }
}
