using Millpond.Local;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>Look-ups with the characters of a key.</summary>
public sealed class SpanLookups
{
    [Fact]
    public void Every_key_that_is_held_is_found_without_building_a_string_also_beyond_its_own_group()
    {
        var rig = new TierRig<string, string>(long.MaxValue);
        var tier = rig.Tier;
        string[] keys = [.. Enumerable.Range(0, 20_000).Select(n => $"product:{n}")];
        foreach (var key in keys)
        {
            tier.Set(key, rig.Entry(key));
        }

        var text = string.Join('\n', keys).AsMemory();
        var missing = 0;
        var allocated = Allocation.LeastOf(() =>
        {
            foreach (var range in text.Span.Split('\n'))
            {
                missing += tier.TryHit(text.Span[range], rig.NowMilliseconds).Flags == SlotFlags.None ? 1 : 0;
            }
        });

        Assert.Equal((0, 0L), (missing, allocated));
        Assert.Equal(SlotFlags.None, tier.TryHit("product:20001".AsSpan(), rig.NowMilliseconds).Flags);
    }
}
