using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Millpond.Local;

/// <summary>
/// One table of an index. Groups begin on cache lines, in memory that the collector neither moves nor looks into, so that a group is found with one multiplication and no
/// further look anywhere. Within bounds by construction: no group is ever asked for but the home of a hash and its successors.
/// </summary>
internal sealed unsafe class SlotTable
{
    public const int CellsPerGroup = 16;

    /// <summary>How far from home an entry may be. At the load we allow one in millions would be further, if hashes are spread evenly; if they are not, because somebody
    /// has found keys whose hashes are alike, a look-up costs this much and no more.</summary>
    public const int GroupsPerProbe = 32;

    private const int LineBytes = 64;
    private const uint SlotMask = 0x00FF_FFFF;

    private readonly uint[] _cells;
    private readonly uint* _first;

    public SlotTable(uint groups)
    {
        Groups = groups;
        _cells = GC.AllocateArray<uint>(checked((int)((groups + 1) * CellsPerGroup)), pinned: true);
        _first = (uint*)((Marshal.UnsafeAddrOfPinnedArrayElement(_cells, 0) + LineBytes - 1) & ~(nint)(LineBytes - 1));
    }

    public uint Groups { get; }

    /// <summary>The first group's first cell. Whoever keeps it keeps the table too.</summary>
    public uint* First => _first;

    public long Bytes => (long)_cells.Length * sizeof(uint);

    /// <summary>1 to 255, from bits that do not choose the group; 0 is an empty cell's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Tag(uint hash) => Math.Max(hash & 0xFF, 1);

    /// <summary>The cell of its home that a hash is put in if it is free; from bits that choose neither the group nor the tag, but where there are more than four thousand groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FirstChoice(uint hash) => 1 + (uint)((ulong)(hash << 12) * (CellsPerGroup - 1) >> 32);

    /// <summary>Whether a cell carries a tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Matches(uint cell, uint tag) => cell >> 24 == tag;

    /// <summary>Which cells of a group carry a tag, one bit each. The count in front is no cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Match(ref uint cells, uint tag)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return (uint)Vector512.Equals(Vector512.LoadUnsafe(ref cells) >>> 24, Vector512.Create(tag)).ExtractMostSignificantBits() & ~1u;
        }

        var wanted = Vector256.Create(tag);
        var low = Vector256.Equals(Vector256.LoadUnsafe(ref cells) >>> 24, wanted).ExtractMostSignificantBits();
        var high = Vector256.Equals(Vector256.LoadUnsafe(ref cells, 8) >>> 24, wanted).ExtractMostSignificantBits();
        return (low | (high << 8)) & ~1u;
    }

    /// <summary>The slot in a cell; -1 if it has been emptied since its tag was compared.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SlotIn(ref uint cells, int cell) => SlotOf(Unsafe.Add(ref cells, cell));

    /// <summary>The slot that a cell names; -1 if it is empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SlotOf(uint cell) => (int)(cell & SlotMask) - 1;

    /// <summary>Whether something that belongs to a group, or to one before it, has been passed on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasPassedOn(ref uint cells) => Volatile.Read(ref cells) != 0;

    /// <summary>The group where a hash belongs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint HomeOf(uint hash) => (uint)(((ulong)hash * Groups) >> 32);

    /// <summary>The cells of a group; the next one's follow on the last one's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref uint GroupAt(uint group) => ref _first[(nuint)group * CellsPerGroup];

    public int SlotAt(uint group, int cell) => SlotIn(ref GroupAt(group), cell);

    /// <summary>Adds a slot and returns its group; -1 if there is no room.</summary>
    public int TryAdd(uint hash, int slot)
    {
        var home = HomeOf(hash);
        for (var n = 0u; n < GroupsPerProbe; n++)
        {
            var group = (home + n) % Groups;
            ref var cells = ref GroupAt(group);
            var free = Match(ref cells, 0);
            if (free != 0)
            {
                var choice = (int)FirstChoice(hash);
                CountPassed(home, n, 1);
                Volatile.Write(ref Unsafe.Add(ref cells, (free >> choice & 1) != 0 ? choice : BitOperations.TrailingZeroCount(free)), CellOf(hash, slot));
                return (int)group;
            }
        }

        return -1;
    }

    /// <summary>Removes a slot and returns its group.</summary>
    public int Remove(uint hash, int slot)
    {
        var home = HomeOf(hash);
        for (var n = 0u; n < GroupsPerProbe; n++)
        {
            var group = (home + n) % Groups;
            ref var cells = ref GroupAt(group);
            for (var cell = 1; cell < CellsPerGroup; cell++)
            {
                if (Unsafe.Add(ref cells, cell) == CellOf(hash, slot))
                {
                    Volatile.Write(ref Unsafe.Add(ref cells, cell), 0);
                    CountPassed(home, n, -1);
                    return (int)group;
                }
            }
        }

        throw new InvalidOperationException("A slot is not where its hash belongs; this is a defect of Millpond.");
    }

    private static uint CellOf(uint hash, int slot) => (Tag(hash) << 24) | (uint)(slot + 1);

    /// <summary>Counts before an entry appears beyond these groups and after it has gone, so that a reader never stops short of it.</summary>
    private void CountPassed(uint home, uint groups, int one)
    {
        for (var n = 0u; n < groups; n++)
        {
            ref var count = ref GroupAt((home + n) % Groups);
            Volatile.Write(ref count, (uint)((int)count + one));
        }
    }
}
