using System.Numerics;

namespace Millpond.Local;

/// <summary>The queue that a slot's entry stands in.</summary>
internal enum SlotRegion : byte
{
    /// <summary>In no queue: the slot is free, or not known to the policy.</summary>
    None,

    /// <summary>New, and not yet compared with anything.</summary>
    Window,

    /// <summary>Admitted.</summary>
    Main,
}

/// <summary>
/// What the policy keeps of one slot: 8 bytes. Links are slot numbers, so that the collector has nothing to follow; of 24 bits, as many as the index has for one. The weight is a
/// <see cref="CompactWeight"/>.
/// </summary>
internal struct SlotNode
{
    private const int LinkBits = 24;
    private const ulong LinkMask = (1UL << LinkBits) - 1;
    private const int WeightShift = 2 * LinkBits;
    private const ulong LinksMask = (1UL << WeightShift) - 1;
    private const int MainShift = 63;

    // From below: the older neighbour and the newer one, each with 1 added so that 0 is none; the weight's code, which is 0 for a slot in no queue; whether that is main.
    private ulong _bits;

    /// <summary>The neighbour that came before, or -1.</summary>
    public int Older
    {
        readonly get => (int)(_bits & LinkMask) - 1;
        set => _bits = (_bits & ~LinkMask) | (uint)(value + 1);
    }

    /// <summary>The neighbour that came after, or -1.</summary>
    public int Newer
    {
        readonly get => (int)(_bits >> LinkBits & LinkMask) - 1;
        set => _bits = (_bits & ~(LinkMask << LinkBits)) | ((ulong)(uint)(value + 1) << LinkBits);
    }

    public readonly SlotRegion Region => _bits >> WeightShift == 0 ? SlotRegion.None : _bits >> MainShift == 0 ? SlotRegion.Window : SlotRegion.Main;

    public readonly uint Weight => CompactWeight.Value((uint)(_bits >> WeightShift) & CompactWeight.CodeMax);

    /// <param name="region">The queue.</param>
    /// <param name="weight">At least 1 in a queue; kept rounded up.</param>
    public void Set(SlotRegion region, uint weight) =>
        _bits = (_bits & LinksMask) | ((ulong)(region == SlotRegion.None ? 0 : CompactWeight.AtLeast(weight)) << WeightShift) | (region == SlotRegion.Main ? 1UL << MainShift : 0);
}

/// <summary>
/// The nodes of a shard by slot number, in chunks: growing costs one allocation of 8 KB per 1,024 slots. Only the first is copied, while it is small, so that a keyspace of
/// a few entries does not pay for a thousand.
/// </summary>
internal sealed class SlotNodes
{
    /// <summary>The heaviest entry that 30 bits hold: a byte less than a GiB. No table offers one: an entry that large is far beyond any shard's share.</summary>
    public const uint WeightMax = (1u << 30) - 1;

    private const int ChunkBits = 10;
    private const int ChunkMask = (1 << ChunkBits) - 1;
    private const int FirstNodes = 16;

    private SlotNode[][] _chunks = [new SlotNode[FirstNodes]];

    public ref SlotNode this[int slot] => ref _chunks[slot >> ChunkBits][slot & ChunkMask];

    /// <summary>How many slots have a node.</summary>
    public int Capacity => _chunks.Length == 1 ? _chunks[0].Length : _chunks.Length << ChunkBits;

    /// <summary>Makes sure that a slot has a node. Only the list of chunks is copied, 8 bytes for each 1,024 slots.</summary>
    public void Cover(int slot)
    {
        var chunk = slot >> ChunkBits;
        if (slot < Capacity)
        {
            return;
        }

        if (_chunks.Length == 1)
        {
            Array.Resize(ref _chunks[0], chunk > 0 ? 1 << ChunkBits : (int)BitOperations.RoundUpToPowerOf2((uint)slot + 1));
        }

        var before = _chunks.Length;
        Array.Resize(ref _chunks, chunk + 1);
        for (var i = before; i < _chunks.Length; i++)
        {
            _chunks[i] = new SlotNode[1 << ChunkBits];
        }
    }
}
