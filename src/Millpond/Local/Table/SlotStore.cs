using System.Runtime.CompilerServices;

namespace Millpond.Local;

/// <summary>
/// The slots of one shard, in chunks, so that growing copies nothing but the first chunk while it is small. Free slots form a list. Taking and giving back need the
/// shard's lock; reading does not, and copes with a slot that has gone to another entry by its version and key.
/// </summary>
internal sealed class SlotStore<TKey, TValue>
{
    public const int ChunkBits = 10;
    private const int ChunkSlots = 1 << ChunkBits;
    private const int FirstSlots = 16;
    private const int None = -1;

    private Slot<TKey, TValue>[][] _slots = [new Slot<TKey, TValue>[FirstSlots]];
    private SlotNote[][] _notes = [new SlotNote[FirstSlots]];
    private EntryDetail?[]?[] _details = [null];
    private int _used;
    private int _free = None;

    /// <summary>The chunks, for readers; other ones after growing.</summary>
    public Slot<TKey, TValue>[][] Chunks => _slots;

    /// <summary>Slots ever taken; every slot in use has a lower number.</summary>
    public int Used => _used;

    public int Allocated => _slots.Length == 1 ? _slots[0].Length : _slots.Length * ChunkSlots;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Slot<TKey, TValue> At(int slot) => ref _slots[slot >> ChunkBits][slot & (ChunkSlots - 1)];

    public ref SlotNote NoteAt(int slot) => ref _notes[slot >> ChunkBits][slot & (ChunkSlots - 1)];

    public EntryDetail? DetailAt(int slot)
    {
        var chunks = Volatile.Read(ref _details);
        var chunk = slot >> ChunkBits;
        return chunk < chunks.Length && Volatile.Read(ref chunks[chunk]) is { } details ? Volatile.Read(ref details[slot & (ChunkSlots - 1)]) : null;
    }

    public void SetDetailNeedsGate(int slot, EntryDetail? detail)
    {
        ref var details = ref _details[slot >> ChunkBits];
        if (details is null && detail is not null)
        {
            Volatile.Write(ref details, new EntryDetail?[ChunkSlots]);
        }

        if (details is not null)
        {
            Volatile.Write(ref details[slot & (ChunkSlots - 1)], detail);
        }
    }

    /// <summary>A free slot; -1 if the shard has as many as it can name.</summary>
    public int TakeNeedsGate()
    {
        if (_free != None)
        {
            var slot = _free;
            _free = (int)At(slot).Hash;
            return slot;
        }

        if (_used == Allocated && !TryGrowNeedsGate())
        {
            return None;
        }

        return _used++;
    }

    /// <summary>Gives a slot back that the index does not point to any more.</summary>
    public void GiveNeedsGate(int number)
    {
        ref var slot = ref At(number);
        var version = slot.Version;
        slot.Version = version + 1;
        Volatile.WriteBarrier();
        slot.Key = default;
        slot.Value = default;
        slot.Quiet = 0;
        slot.Flags = SlotFlags.None;
        slot.Hash = (uint)_free;
        Volatile.Write(ref slot.Version, version + 2);
        if (DetailAt(number) is not null)
        {
            SetDetailNeedsGate(number, null);
        }

        _free = number;
    }

    /// <summary>Leaves slots as if they were being written to for ever, which sends their readers to the lock. What they point to beside the slots is that of the grown ones,
    /// and would not be found changed.</summary>
    private static void Abandon(Slot<TKey, TValue>[] slots)
    {
        foreach (ref var slot in slots.AsSpan())
        {
            Volatile.Write(ref slot.Version, slot.Version | 1);
        }

        Volatile.WriteBarrier();
    }

    private bool TryGrowNeedsGate()
    {
        if (_used < ChunkSlots)
        {
            var size = Allocated * 2;
            Array.Resize(ref _notes[0], size);
            var (former, grown) = (_slots[0], new Slot<TKey, TValue>[size]);
            former.CopyTo(grown, 0);
            Abandon(former);
            Volatile.Write(ref _slots, [grown]);
            return true;
        }

        if (_used >= SlotIndex.SlotsMax - ChunkSlots)
        {
            return false;
        }

        _notes = [.. _notes, new SlotNote[ChunkSlots]];
        Volatile.Write(ref _details, [.. _details, null]);
        Volatile.Write(ref _slots, [.. _slots, new Slot<TKey, TValue>[ChunkSlots]]);
        return true;
    }
}
