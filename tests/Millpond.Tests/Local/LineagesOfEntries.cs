using Millpond.Local;
using Millpond.Partitions;
using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>What entries have in common is shared, bounded, and never makes one look better than it is.</summary>
public sealed class LineagesOfEntries
{
    private readonly EntrySlots<int, string> _slots = new();
    private readonly PartitionView _view = TierRig<int, string>.NewView();
    private readonly long _now = TimeSpan.FromHours(1).Ticks;

    [Fact]
    public void Entries_that_came_the_same_way_share_one()
    {
        for (var n = 0; n < 100; n++)
        {
            Assert.True(Write(Slotted.Entry(_view, "v", _now + (n * TimeSpan.TicksPerMinute), validAsOf: n), _now + (n * TimeSpan.TicksPerMinute)));
        }

        Assert.Equal(100, _slots.Lineages[0].Entries);
        Assert.Null(_slots.Lineages.All[1]);
    }

    [Fact]
    public void Too_many_stale_times_are_carried_by_the_entries_and_too_many_epochs_are_not_held()
    {
        for (var n = 0; n < 40; n++)
        {
            Assert.True(Write(Slotted.Entry(_view, "v", _now, staleTicks: n + 1), _now));
            Assert.Equal((n >= 32, _now + TimeSpan.TicksPerDay + n + 1), (At(n).IsWide, n >= 32 ? At(n).HardUntil : _now + TimeSpan.TicksPerDay + n + 1));
        }

        for (var n = 0; n < 32; n++)
        {
            Assert.True(Write(Slotted.Entry(_view, "v", _now, epoch: n + 1), _now));
        }

        Assert.False(Write(Slotted.Entry(_view, "v", _now, epoch: 99), _now));
        Assert.Equal(72, _slots.Lineages.All.Sum(lineage => lineage!.Entries));
    }

    [Fact]
    public void A_number_is_used_anew_once_its_last_entry_has_gone()
    {
        for (var n = 0; n < 64; n++)
        {
            Assert.True(Write(Slotted.Entry(_view, "v", _now, epoch: n), _now));
        }

        var (number, version) = (_slots.Store.At(9).Lineage, _slots.Store.At(9).Version);
        _slots.FreeNeedsGate(9);
        Assert.True(Write(Slotted.Entry(_view, "w", _now, epoch: 100), _now));
        Assert.Equal((number, 100), (_slots.Store.At(9).Lineage, At(9).Epoch));
        Assert.NotEqual(version, _slots.Store.At(9).Version);
    }

    [Fact]
    public void An_old_one_takes_no_new_entries()
    {
        Assert.True(Write(Slotted.Entry(_view, "v", _now), _now));
        var later = _now + Lineage.AgeTicksMax;
        Assert.True(Write(Slotted.Entry(_view, "v", later), later));
        Assert.Equal((1, 1), (_slots.Lineages[0].Entries, _slots.Lineages[1].Entries));
        Assert.False(At(1).IsWide);
    }

    [Fact]
    public void Nothing_counts_as_proven_by_more_than_it_saw_however_far_sequences_lie_apart()
    {
        const long Far = 1L << 40;
        for (var n = 0; n < 40; n++)
        {
            Assert.True(Write(Slotted.Entry(_view, "v", _now, staleTicks: n, validAsOf: Far), _now));
        }

        foreach (var sequence in new[] { Far - uint.MaxValue, Far + uint.MaxValue, 3L * uint.MaxValue })
        {
            if (Write(Slotted.Entry(_view, "v", _now, staleTicks: 1_000, validAsOf: sequence), _now))
            {
                Assert.InRange(At(_slots.Store.Used - 1).ValidAsOf, 0, sequence);
            }
        }
    }

    private bool Write(Entry<string> entry, long now)
    {
        var slot = _slots.Store.TakeNeedsGate();
        if (_slots.TryWriteNeedsGate(slot, slot, 17, entry, now))
        {
            return true;
        }

        _slots.Store.GiveNeedsGate(slot);
        return false;
    }

    private Entry<string> At(int slot) => _slots.Read(slot, out _)!;
}
