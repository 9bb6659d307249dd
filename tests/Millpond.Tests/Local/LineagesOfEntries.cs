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
    public void Too_many_stale_times_are_carried_by_the_entries()
    {
        for (var n = 0; n < 40; n++)
        {
            Assert.True(Write(Slotted.Entry(_view, "v", _now, staleTicks: n + 1), _now));
            Assert.Equal((n >= 32, _now + TimeSpan.TicksPerDay + n + 1), (At(n).IsWide, n >= 32 ? At(n).HardUntil : _now + TimeSpan.TicksPerDay + n + 1));
        }

        Assert.Equal(40, Held());
    }

    [Fact]
    public void Entries_of_many_partitions_and_epochs_and_origins_are_all_held_as_what_they_are()
    {
        PartitionView[] views = [.. Enumerable.Range(0, 64).Select(_ => TierRig<int, string>.NewView())];
        for (var n = 0; n < 1_024; n++)
        {
            Assert.True(Write(Slotted.Entry(views[n % 64], "v", _now, epoch: n / 64), _now));
        }

        for (var n = 0; n < 1_024; n++)
        {
            Assert.Equal((views[n % 64], n / 64, false), (At(n).View, At(n).Epoch, At(n).IsWide));
        }
    }

    [Fact]
    public void Entries_of_every_partition_are_plain_hits_whether_new_or_in_place_of_others()
    {
        var rig = new TierRig<int, string>(1 << 20);
        PartitionView[] views = [.. Enumerable.Range(0, 100).Select(_ => TierRig<int, string>.NewView())];
        for (var n = 0; n < views.Length; n++)
        {
            rig.Tier.Set(n, Slotted.Entry(views[n], "v", rig.Now));
            rig.Tier.Set(0, Slotted.Entry(views[n], "w", rig.Now, staleTicks: 1));
            Assert.Equal(("v", "w"), (rig.Tier.TryHit(Math.Max(n, 1), rig.NowMilliseconds).Value ?? "v", rig.Tier.TryHit(0, rig.NowMilliseconds).Value));
        }

        Assert.All(Enumerable.Range(1, 99), n => Assert.Equal("v", rig.Tier.TryHit(n, rig.NowMilliseconds).Value));
        rig.Tier.Validate();
    }

    [Fact]
    public void A_reader_from_before_a_lineage_makes_no_hit_of_its_entries()
    {
        for (var n = 0; n < 40; n++)
        {
            Assert.Equal(n, _slots.Store.TakeNeedsGate());
        }

        var (table, now) = (new SlotTable(1), _now / TimeSpan.TicksPerMillisecond);
        WriteOfOtherPartitions(0, 8);
        table.TryAdd(17, 3);
        table.TryAdd(17, 4);
        var reader = new SlotReader<int, string>(table, _slots, slidesHere: true);
        Assert.Equal(("v", "v"), (reader.TryHit(new AskedKey<int>(3), 17, now).Value, reader.TryHit(new AskedKey<int>(4), 17, now).Value));

        WriteOfOtherPartitions(8, 40);
        Assert.True(_slots.TryWriteNeedsGate(3, 3, 17, Slotted.Entry(TierRig<int, string>.NewView(), "late", _now), _now));
        Assert.False(reader.IsUpToDate(table));
        Assert.Equal((null, "v"), (reader.TryHit(new AskedKey<int>(3), 17, now).Value, reader.TryHit(new AskedKey<int>(4), 17, now).Value));
        Assert.Equal("late", reader.Read(3, 17, out _)!.Value);
        Assert.Equal("late", new SlotReader<int, string>(table, _slots, slidesHere: true).TryHit(new AskedKey<int>(3), 17, now).Value);

        void WriteOfOtherPartitions(int from, int to)
        {
            for (var n = from; n < to; n++)
            {
                Assert.True(_slots.TryWriteNeedsGate(n, n, 17, Slotted.Entry(TierRig<int, string>.NewView(), "v", _now), _now));
            }
        }
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
    public void Kinds_that_come_and_go_for_ever_take_no_more_room()
    {
        for (var n = 0; n < 100_000; n++)
        {
            var slot = _slots.Store.TakeNeedsGate();
            Assert.True(_slots.TryWriteNeedsGate(slot, slot, 17, Slotted.Entry(_view, "v", _now, epoch: n / 2), _now));
            _slots.FreeNeedsGate(slot);
        }

        Assert.Equal((8, 0), (_slots.Lineages.All.Length, Held()));
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

    private int Held() => _slots.Lineages.All.Sum(lineage => lineage?.Entries ?? 0);

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
