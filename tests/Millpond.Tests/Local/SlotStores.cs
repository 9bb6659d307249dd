using Millpond.Local;
using Millpond.Partitions;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>Slots are taken, given back and grown, and no reader of former ones is deceived.</summary>
public sealed class SlotStores
{
    private readonly PartitionView _view = TierRig<int, string>.NewView();

    [Fact]
    public void Slots_are_distinct_until_they_are_given_back_and_keep_what_they_hold_when_there_are_more()
    {
        var store = new SlotStore<int, string>();
        var (chance, taken) = (new Random(3), new Dictionary<int, int>());
        for (var n = 0; n < 20_000; n++)
        {
            if (taken.Count > 0 && chance.Next(3) == 0)
            {
                var (slot, content) = taken.ElementAt(chance.Next(Math.Min(taken.Count, 8)));
                Assert.Equal((content, (ushort)content), (store.At(slot).Key, store.NoteAt(slot).LoadTime));
                store.GiveNeedsGate(slot);
                taken.Remove(slot);
                continue;
            }

            var got = store.TakeNeedsGate();
            Assert.InRange(got, 0, store.Used - 1);
            Assert.True(taken.TryAdd(got, n), "A slot was given out twice.");
            (store.At(got).Key, store.NoteAt(got).LoadTime) = (n, (ushort)n);
        }

        Assert.All(taken, slot => Assert.Equal((slot.Value, (ushort)slot.Value), (store.At(slot.Key).Key, store.NoteAt(slot.Key).LoadTime)));
        Assert.InRange(store.Allocated, store.Used, store.Used + 1_023);
    }

    [Fact]
    public void A_slot_that_is_given_back_holds_nothing_and_has_another_version()
    {
        var store = new SlotStore<string, string>();
        var slot = store.TakeNeedsGate();
        (store.At(slot).Key, store.At(slot).Value, store.At(slot).Flags) = ("k", "v", SlotFlags.Held);
        store.SetDetailNeedsGate(slot, new EntryDetail { Times = default });
        var version = store.At(slot).Version;
        store.GiveNeedsGate(slot);

        Assert.Equal((null, null, SlotFlags.None), (store.At(slot).Key, store.At(slot).Value, store.At(slot).Flags));
        Assert.Null(store.DetailAt(slot));
        Assert.Equal(version + 2, store.At(slot).Version);
        Assert.Equal(slot, store.TakeNeedsGate());
    }

    [Fact]
    public void A_reader_of_slots_that_have_since_been_copied_is_sent_to_the_lock()
    {
        var (entries, table) = (new EntrySlots<int, string>(), new SlotTable(1));
        var slot = entries.Store.TakeNeedsGate();
        Assert.True(entries.TryWriteNeedsGate(slot, 7, 17, Slotted.Entry(_view, "before", 0), 0));
        table.TryAdd(17, slot);
        var reader = new SlotReader<int, string>(table, entries, slidesHere: true);
        Assert.Equal("before", reader.TryHit(new AskedKey<int>(7), 17, 0).Value);

        while (entries.Store.Allocated == 16)
        {
            entries.Store.TakeNeedsGate();
        }

        Assert.True(entries.TryWriteNeedsGate(slot, 8, 17, Slotted.Entry(_view, "after", 5 * TimeSpan.TicksPerSecond), 0));
        Assert.Null(reader.TryHit(new AskedKey<int>(7), 17, 0).Value);
        Assert.Equal(SlotReader<int, string>.Unsure, reader.Find(7, 17));
        Assert.Equal((SlotPlace.Nowhere, false), (reader.PlaceOf(7, 17, out var isCertain), isCertain));
        Assert.Equal("after", new SlotReader<int, string>(table, entries, slidesHere: true).TryHit(new AskedKey<int>(8), 17, 0).Value);
    }
}
