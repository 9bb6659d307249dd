using Millpond.Events;
using Millpond.Local;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>Corners of the local tier where parts could fall out of step.</summary>
public sealed class PartsInStep
{
    [Fact]
    public void Of_several_changes_the_earliest_says_since_when_a_value_is_stale_in_whatever_order_they_are_heard_of()
    {
        var rig = new TierRig<int, string>(1 << 20);
        rig.Tier.Set(1, rig.Entry("v"));
        rig.Tier.MarkInvalidated(1, rig.Now + 50_000);
        rig.Tier.MarkInvalidated(1, rig.Now + 20_000);
        rig.Tier.MarkInvalidated(1, rig.Now + 90_000);

        Assert.Equal(rig.Now + 20_000, rig.Tier.Held(1)!.InvalidatedAt);
    }

    [Fact]
    public void Slots_that_grew_for_an_entry_that_is_not_held_are_the_ones_that_are_read()
    {
        var rig = new TierRig<int, string>(1_000_000);
        for (var n = 0; n < 65_536; n++)
        {
            rig.Tier.Set(n, Slotted.Entry(rig.View, "v", rig.Now, epoch: n) is var entry && (entry.Bytes = 10) > 0 ? entry : null!);
        }

        Assert.Equal(65_536, rig.Tier.Count);
        rig.Tier.Set(65_536, Slotted.Entry(rig.View, "v", rig.Now, epoch: 65_536));
        Assert.Null(rig.Tier.Held(65_536));
        rig.Tier.Set(0, Slotted.Entry(rig.View, "w", rig.Now, epoch: 0));

        Assert.Equal(("w", "w"), (rig.Tier.TryHit(0, rig.NowMilliseconds).Value, rig.Tier.Held(0)!.Value));
        rig.Tier.Validate();
    }

    [Fact]
    public void What_was_found_before_everything_was_cleared_is_not_taken_for_what_came_after()
    {
        var rig = new TierRig<int, string>(1_000_000);
        rig.Tier.Set(1, rig.Entry("old"));
        Assert.True(rig.Tier.TryGet(1, out var found));
        rig.Tier.Clear();
        rig.Tier.Set(2, rig.Entry("new"));

        found.ValidAsOf = 1_000;
        found.RetryAt = 5;
        rig.Tier.Affirm(1, found);
        Assert.False(rig.Tier.TryPause(1, found));
        rig.Tier.Remove(1, found, EvictionCause.Expired);
        Assert.Equal((0L, 0L), (rig.Tier.Held(2)!.ValidAsOf, rig.Tier.Held(2)!.RetryAt));
    }

    [Fact]
    public async Task Whoever_finds_the_very_first_entry_learns_what_it_weighs()
    {
        var rig = new TierRig<int, string>(1_000_000);
        var isOver = false;
        using var begins = new ManualResetEventSlim();
        var reader = Task.Run(() =>
        {
            begins.Set();
            while (!Volatile.Read(ref isOver))
            {
                Assert.True(rig.Tier.Held(1) is not { Bytes: not 100 });
            }
        });
        begins.Wait(TestContext.Current.CancellationToken);
        for (var n = 0; n < 10_000 && !reader.IsCompleted; n++)
        {
            rig.Tier.Set(1, rig.Entry("v"));
            rig.Tier.Clear();
        }

        Volatile.Write(ref isOver, true);
        await reader;
    }

    [Fact]
    public async Task A_mark_that_comes_while_an_entry_is_read_makes_it_no_older()
    {
        var rig = new TierRig<int, string>(1_000_000);
        rig.Tier.Set(0, rig.Entry("the lineage"));
        rig.Now += TimeSpan.TicksPerHour;
        var isOver = false;
        using var begins = new ManualResetEventSlim();
        var reader = Task.Run(() =>
        {
            begins.Set();
            while (!Volatile.Read(ref isOver))
            {
                Assert.True(rig.Tier.Held(1) is not { } entry || entry.LoadedAt == rig.Now);
            }
        });
        begins.Wait(TestContext.Current.CancellationToken);
        for (var n = 0; n < 300_000 && !reader.IsCompleted; n++)
        {
            rig.Tier.Set(1, rig.Entry("v"));
            rig.Tier.MarkInvalidated(1, rig.Now);
        }

        Volatile.Write(ref isOver, true);
        await reader;
    }
}
