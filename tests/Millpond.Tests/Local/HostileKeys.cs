using Millpond.Events;
using Millpond.Local;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>Keys whose own hash codes are alike: they cost places in the tier, and no more comparisons than a look-up may make.</summary>
public sealed class HostileKeys
{
    private const int Keys = 4_000;

    [Fact]
    public void Keys_that_all_hash_alike_cost_a_bounded_number_of_comparisons_and_leave_the_others_alone()
    {
        var rig = new TierRig<Alike, Quad>(16 << 20);
        for (var n = 0; n < Keys; n++)
        {
            rig.Tier.Set(new Alike(n, isAlike: true), rig.Entry(new Quad(n, 1)));
            rig.Tier.Set(new Alike(n, isAlike: false), rig.Entry(new Quad(n, 2)));
        }

        rig.Tier.Validate();
        var (found, others) = (0, 0);
        for (var n = 0; n < Keys; n++)
        {
            Alike.Comparisons = 0;
            found += rig.Tier.Held(new Alike(n, isAlike: true)) is { } held && held.Value.IsWholeOf(n) ? 1 : 0;
            Assert.InRange(Alike.Comparisons, 0, 2 * SlotTable.GroupsPerProbe * (SlotTable.CellsPerGroup - 1));
            others += rig.Tier.Held(new Alike(n, isAlike: false)) is { } other && other.Value.IsWholeOf(n) ? 1 : 0;
        }

        Assert.InRange(found, 100, SlotTable.GroupsPerProbe * (SlotTable.CellsPerGroup - 1));
        Assert.InRange(others, Keys * 9 / 10, Keys);
    }

    [Fact]
    public void A_soak_of_hostile_keys_with_little_room_and_short_lives_leaves_every_part_in_step()
    {
        var (rig, chance) = (new TierRig<Alike, Quad>(60_000), new Random(12));
        for (var n = 0; n < 40_000; n++)
        {
            var key = new Alike(chance.Next(3_000), isAlike: chance.Next(2) == 0);
            switch (chance.Next(12))
            {
                case 0:
                    rig.Tier.Remove(key, EvictionCause.Invalidated);
                    break;
                case 1:
                    rig.Tier.MarkInvalidated(key, rig.Now);
                    break;
                case 2:
                    rig.Now += chance.Next(300_000);
                    break;
                case 3 when chance.Next(40) == 0:
                    rig.Budget.Resize(chance.Next(1, 120_000));
                    break;
                case < 7:
                    Assert.True(rig.Tier.Held(key) is not { } held || held.Value.IsWholeOf(key.Number));
                    break;
                default:
                    rig.Tier.Set(key, rig.Entry(new Quad(key.Number, n), bytes: chance.Next(1, 400), liveTicks: chance.Next(1, 40_000_000)));
                    break;
            }

            Assert.InRange(rig.Budget.Bytes, 0, rig.Budget.BytesMax);
            if (n % 500 == 0)
            {
                rig.Tier.Validate();
            }
        }
    }

    private sealed class Alike(int number, bool isAlike)
    {
        [ThreadStatic]
        private static int t_comparisons;

        public static int Comparisons
        {
            get => t_comparisons;
            set => t_comparisons = value;
        }

        public int Number => number;

        private bool IsAlike => isAlike;

        public override int GetHashCode() => isAlike ? 42 : number;

        public override bool Equals(object? obj)
        {
            t_comparisons++;
            return obj is Alike other && other.Number == number && other.IsAlike == isAlike;
        }
    }
}
