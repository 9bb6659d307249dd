namespace Millpond.Local;

/// <summary>What an index needs to know of the slots that it points to.</summary>
internal interface IIndexed
{
    uint HashOf(int slot);

    /// <summary>Removes an entry for which a larger index has no room; called while it still is in the present one.</summary>
    void Displace(int slot);
}

/// <summary>
/// From hashes to slots: open addressing over groups of the size of a cache line, each of fifteen cells and a count. Five to seven bytes an entry, in a small table thirteen. Looking up costs one
/// line; of it first the cell that a hash is put in where that is free, and otherwise a comparison of fifteen tags at once. It takes no lock and never waits.
/// </summary>
/// <remarks>
/// <para>
/// A cell is a slot number and eight bits of the hash. A group that is full passes an entry on to the next one and counts that; a look-up goes on only past a group
/// with a count, and at most <see cref="SlotTable.GroupsPerProbe"/> far. So removing needs no tombstones, and keys that collide on purpose cost a bounded time: the entry that
/// finds no room is not held. The layout follows the Swiss and F14 tables.
/// </para>
/// <para>
/// An entry never moves within a table. To grow, a larger table is filled a few groups with each insertion, while the present one stays complete and is what readers use;
/// then it takes its place. So a reader with either table misses nothing that was there when it began, and no insertion pays for all.
/// </para>
/// <para>Writing needs the shard's lock.</para>
/// </remarks>
internal sealed class SlotIndex(IIndexed slots)
{
    public const int SlotsMax = (1 << 24) - 2;

    // At this load one entry in thirty is not in its own group. At thirteen it would be one in fifteen, for half a byte an entry.
    private const int EntriesPerGroup = 12;
    private const int GroupsPerStep = 3;

    // A small table has room to spare, up to 32 KiB of it: then five entries of six lie where they are looked for first, which saves a hit a quarter of its time. Full, it is five of eight.
    private const int EntriesPerSpareGroup = 5;
    private const int SpareGroupsMax = 512;

    private SlotTable _table = new(1);
    private SlotTable? _next;
    private uint _copied;
    private int _count;

    public SlotTable Table => Volatile.Read(ref _table);

    public int Count => _count;

    public long Bytes => _table.Bytes + (_next?.Bytes ?? 0);

    /// <summary>Adds a slot; false if there is no room where its hash belongs.</summary>
    public bool TryAddNeedsGate(uint hash, int slot)
    {
        GrowNeedsGate();
        var group = _table.TryAdd(hash, slot);
        if (group < 0)
        {
            return false;
        }

        if (group < _copied && _next!.TryAdd(hash, slot) < 0)
        {
            _table.Remove(hash, slot);
            return false;
        }

        _count++;
        return true;
    }

    public void RemoveNeedsGate(uint hash, int slot)
    {
        var group = _table.Remove(hash, slot);
        if (group < _copied)
        {
            _next!.Remove(hash, slot);
        }

        _count--;
    }

    private void GrowNeedsGate()
    {
        if (_next is null)
        {
            if (_count < _table.Groups * (long)(_table.Groups < SpareGroupsMax ? EntriesPerSpareGroup : EntriesPerGroup))
            {
                return;
            }

            // By a quarter, so that a table that has just grown is not half empty; a group stays in order, because groups are hashes by their upper bits.
            _next = new SlotTable(_table.Groups + Math.Max(1, _table.Groups / 4));
        }

        for (var n = 0; n < GroupsPerStep && _copied < _table.Groups; n++)
        {
            CopyNeedsGate(_copied);
            _copied++;
        }

        if (_copied == _table.Groups)
        {
            Volatile.Write(ref _table, _next);
            (_next, _copied) = (null, 0);
        }
    }

    private void CopyNeedsGate(uint group)
    {
        for (var cell = 1; cell < SlotTable.CellsPerGroup; cell++)
        {
            var slot = _table.SlotAt(group, cell);
            if (slot >= 0 && _next!.TryAdd(slots.HashOf(slot), slot) < 0)
            {
                slots.Displace(slot);
            }
        }
    }
}
