using Millpond.Local;

namespace Millpond.Tests.Local;

/// <summary>The eviction policy as a data structure: whatever is done to it, it adds up, and nothing takes long.</summary>
public sealed class EvictionValidity
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_happens_every_link_and_every_weight_adds_up(int seed)
    {
        const long BytesMax = 20_000;
        var random = new Random(seed);
        var rig = new EvictionRig(BytesMax, (ulong)seed);
        for (var n = 0; n < 20_000; n++)
        {
            var key = (int)(400 * Math.Pow(random.NextDouble(), 2));
            switch (random.Next(12))
            {
                case 0 when rig.Holds(key):
                    rig.Remove(key);
                    break;
                case 1 when rig.Holds(key):
                    rig.Replace(key, (uint)random.Next(1, 300));
                    break;
                case 2:
                    rig.EvictOne();
                    break;
                default:
                    rig.Read(key, (uint)random.Next(1, 300));
                    break;
            }

            Assert.InRange(rig.Policy.Bytes, 0, BytesMax);
            if (n % 50 == 0)
            {
                rig.Policy.Validate();
                Assert.Equal(rig.Keys.Count, rig.Policy.Count);
                Assert.Equal(rig.BytesHeld, rig.Policy.Bytes);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void An_eviction_asks_a_bounded_number_of_questions(int mask)
    {
        // With a mask of 0 all hashes are equal, the worst that anybody can send; and everything held is hit before each miss.
        var rig = new EvictionRig(5_000, hash: key => (uint)(key * mask));
        for (var n = 0; n < 6_000; n++)
        {
            rig.Read(n, (uint)(1 + (n % 7)));
            foreach (var key in n % 100 == 0 ? rig.Keys.ToArray() : [])
            {
                rig.Read(key);
            }
        }

        // For each entry passed: was it hit, and what is its hash.
        Assert.InRange(rig.QuestionsMax, EvictionPolicy.PassesMax, (4 * EvictionPolicy.PassesMax) + Admission.AggregatedMax + 4);
    }

    [Fact]
    public void Nothing_held_is_no_victim()
    {
        var rig = new EvictionRig(10);
        Assert.Equal(-1, rig.EvictOne());
        Assert.Equal(double.PositiveInfinity, rig.Worth(1));
        rig.Read(1);
        Assert.Equal(0, rig.EvictOne());
        Assert.Equal(-1, rig.EvictOne());
    }

    [Fact]
    public void A_slot_it_does_not_know_is_refused()
    {
        var rig = new EvictionRig(10);
        rig.Read(1);
        rig.Policy.Removed(0);
        Assert.Throws<InvalidOperationException>(() => rig.Policy.Removed(0));
        Assert.Throws<InvalidOperationException>(() => rig.Policy.Replaced(0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Policy.Added(0, 0, SlotNodes.WeightMax + 1));
        rig.Policy.Validate();
    }

    [Fact]
    public void An_entry_costs_eighteen_bytes()
    {
        var rig = new EvictionRig(200_000);
        foreach (var key in Enumerable.Range(0, 200_000))
        {
            rig.Read(key);
        }

        Assert.InRange(rig.Policy.OverheadBytes / 200_000.0, 18.0, 18.2);
    }
}
