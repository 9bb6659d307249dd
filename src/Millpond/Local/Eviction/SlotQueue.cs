namespace Millpond.Local;

/// <summary>
/// Slots in order of arrival, linked both ways through their nodes. Every operation is O(1) and touches at most three nodes.
/// </summary>
/// <remarks>Invariant: following <see cref="SlotNode.Newer"/> from the oldest passes <see cref="Count"/> nodes of this region, whose weights sum up to
/// <see cref="Bytes"/>, and ends at the newest.</remarks>
internal sealed class SlotQueue(SlotNodes nodes, SlotRegion region)
{
    public const int None = -1;

    public int Oldest { get; private set; } = None;

    public int Newest { get; private set; } = None;

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Appends a slot that stands in no queue.</summary>
    public void Append(int slot, uint weight)
    {
        ref var node = ref nodes[slot];
        node.Set(region, weight);
        Bytes += node.Weight;
        Count++;
        LinkNewest(slot, ref node);
    }

    /// <summary>Takes a slot out of the queue.</summary>
    public void Remove(int slot)
    {
        ref var node = ref nodes[slot];
        Bytes -= node.Weight;
        Count--;
        Unlink(ref node);
        node.Set(SlotRegion.None, 0);
    }

    /// <summary>Puts a slot of this queue behind all others, as if it had just arrived.</summary>
    public void Renew(int slot)
    {
        if (slot == Newest)
        {
            return;
        }

        ref var node = ref nodes[slot];
        Unlink(ref node);
        LinkNewest(slot, ref node);
    }

    /// <summary>Gives an entry another weight where it stands.</summary>
    public void Reweigh(int slot, uint weight)
    {
        ref var node = ref nodes[slot];
        Bytes -= node.Weight;
        node.Set(region, weight);
        Bytes += node.Weight;
    }

    /// <summary>For tests: walks the whole queue and compares it with what it says of itself.</summary>
    public void Validate()
    {
        var (count, bytes, before) = (0, 0L, None);
        for (var slot = Oldest; slot != None; slot = nodes[slot].Newer)
        {
            ref var node = ref nodes[slot];
            if (node.Region != region || node.Older != before || ++count > Count)
            {
                throw new InvalidOperationException($"Slot {slot} is the {count}th of {Count} in {region}, says {node.Region}, and names {node.Older} as older where {before} is.");
            }

            bytes += node.Weight;
            before = slot;
        }

        if (before != Newest || count != Count || bytes != Bytes)
        {
            throw new InvalidOperationException($"{region} holds {count} slots and {bytes} bytes up to slot {before}, and says {Count}, {Bytes} and {Newest}.");
        }
    }

    private void LinkNewest(int slot, ref SlotNode node)
    {
        node.Older = Newest;
        node.Newer = None;
        if (Newest != None)
        {
            nodes[Newest].Newer = slot;
        }
        else
        {
            Oldest = slot;
        }

        Newest = slot;
    }

    private void Unlink(ref SlotNode node)
    {
        if (node.Older != None)
        {
            nodes[node.Older].Newer = node.Newer;
        }
        else
        {
            Oldest = node.Newer;
        }

        if (node.Newer != None)
        {
            nodes[node.Newer].Older = node.Older;
        }
        else
        {
            Newest = node.Older;
        }
    }
}
