using Millpond.Local;

namespace Millpond.Tests.Local;

/// <summary>The index against a dictionary, with fair hashes and with hostile ones. Steps are counted, not timed.</summary>
public sealed class SlotIndexes : IIndexed
{
    private readonly Dictionary<int, uint> _hashes = [];
    private readonly SlotIndex _index;
    private int _displaced;
    private int _looks;

    public SlotIndexes() => _index = new SlotIndex(this);

    public static TheoryData<string> Hostile => ["all equal", "low bits", "high bits", "one group", "last group"];

    [Fact]
    public void Everything_that_is_in_it_is_found_while_it_grows_and_after_removals()
    {
        var chance = new Random(5);
        for (var n = 0; n < 60_000; n++)
        {
            if (chance.Next(3) == 0 && _hashes.Count > 0)
            {
                Remove(_hashes.Keys.ElementAt(chance.Next(Math.Min(_hashes.Count, 16))));
            }
            else
            {
                Assert.True(Add(n, (uint)chance.NextInt64(1L << 32)));
            }

            if (n % 1_000 == 0)
            {
                FindsAll();
            }
        }

        Assert.Equal(0, _displaced);
        FindsAll();
        Assert.InRange(_index.Bytes / (double)_index.Count, 5, 8);
    }

    [Fact]
    public void Growing_takes_a_bounded_step_with_each_addition()
    {
        var chance = new Random(6);
        for (var n = 0; n < 30_000; n++)
        {
            _looks = 0;
            Assert.True(Add(n, (uint)chance.NextInt64(1L << 32)));

            // Three groups of fifteen cells.
            Assert.InRange(_looks, 0, 45);
        }
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_hashes_cost_entries_and_not_time(string kind)
    {
        var refused = 0;
        for (var n = 0; n < 6_000; n++)
        {
            _looks = 0;
            refused += Add(n, HashOf(kind, n)) ? 0 : 1;
            Assert.InRange(_looks, 0, 45);
        }

        Assert.Equal(6_000, _index.Count + refused + _displaced);
        Assert.Equal(_hashes.Count, _index.Count);

        // At least what fits as far from home as a look-up goes; all, where hashes differ in what chooses the group.
        Assert.InRange(_index.Count, kind == "high bits" ? 6_000 : (SlotTable.GroupsPerProbe / 2 * 12), 6_000);
        FindsAll();
        foreach (var slot in _hashes.Keys.ToArray())
        {
            Remove(slot);
        }

        for (var group = 0u; group < _index.Table.Groups; group++)
        {
            Assert.False(SlotTable.HasPassedOn(ref _index.Table.GroupAt(group)));
        }
    }

    [Fact]
    public void A_table_that_is_full_refuses_and_is_as_it_was()
    {
        var table = new SlotTable(2);
        for (var slot = 0; slot < 30; slot++)
        {
            Assert.InRange(table.TryAdd(1, slot), 0, 1);
        }

        Assert.Equal(-1, table.TryAdd(1, 30));
        Assert.Equal(-1, table.TryAdd(uint.MaxValue, 30));
        for (var slot = 0; slot < 30; slot++)
        {
            Assert.Equal(slot / 15, table.Remove(1, slot));
        }

        Assert.False(SlotTable.HasPassedOn(ref table.GroupAt(0)));
        Assert.Throws<InvalidOperationException>(() => table.Remove(1, 0));
    }

    uint IIndexed.HashOf(int slot)
    {
        _looks++;
        return _hashes[slot];
    }

    void IIndexed.Displace(int slot)
    {
        _displaced++;
        Remove(slot);
    }

    private static uint HashOf(string kind, int n) => kind switch
    {
        "all equal" => 0x1234_5678,
        "low bits" => (uint)n & 0xFFFF,
        "high bits" => ((uint)n * 0x9E37_79B1) & 0xFFF8_0000,
        "one group" => 0x8000_0000 + (uint)n,
        _ => uint.MaxValue - (uint)n,
    };

    private bool Add(int slot, uint hash)
    {
        _hashes[slot] = hash;
        var isAdded = _index.TryAddNeedsGate(hash, slot);
        if (!isAdded)
        {
            _hashes.Remove(slot);
        }

        return isAdded;
    }

    private void Remove(int slot)
    {
        _index.RemoveNeedsGate(_hashes[slot], slot);
        _hashes.Remove(slot);
    }

    private void FindsAll()
    {
        Assert.All(_hashes, pair => Assert.True(IsFound(pair.Key, pair.Value), "A slot cannot be found."));
        Assert.Equal(_hashes.Count, _index.Count);
    }

    /// <summary>As readers look.</summary>
    private bool IsFound(int slot, uint hash)
    {
        var table = _index.Table;
        var group = table.HomeOf(hash);
        for (var n = 0; n < SlotTable.GroupsPerProbe; n++, group = (group + 1) % table.Groups)
        {
            ref var cells = ref table.GroupAt(group);
            for (var matches = SlotTable.Match(ref cells, SlotTable.Tag(hash)); matches != 0; matches &= matches - 1)
            {
                if (SlotTable.SlotIn(ref cells, System.Numerics.BitOperations.TrailingZeroCount(matches)) == slot)
                {
                    return true;
                }
            }

            if (!SlotTable.HasPassedOn(ref cells))
            {
                return false;
            }
        }

        return false;
    }
}
