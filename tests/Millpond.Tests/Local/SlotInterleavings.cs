namespace Millpond.Tests.Local;

/// <summary>Every interleaving of a reader with a writer of its slot, and siblings of the protocol that lack one step each and are found out.</summary>
public sealed class SlotInterleavings
{
    [Fact]
    public void No_interleaving_deceives_a_hit()
    {
        var (fault, runs) = Hits(Without.Nothing);
        Assert.Null(fault);
        Assert.InRange(runs, 50_000, long.MaxValue);
    }

    [Fact]
    public void No_interleaving_with_a_mark_loses_the_time() => Assert.Null(Marks(Without.Nothing).Fault);

    [Theory]
    [InlineData(Without.OddVersion)]
    [InlineData(Without.EvenLook)]
    [InlineData(Without.SecondLook)]
    [InlineData(Without.KeyComparison)]
    [InlineData(Without.NewVersionForFree)]
    public void A_protocol_that_lacks_a_step_deceives_a_hit(object step) => Assert.NotNull(Hits((Without)step).Fault);

    [Fact]
    public void A_reader_that_looks_at_the_detail_first_loses_the_time() => Assert.NotNull(Marks(Without.DetailAfterSlot).Fault);

    private static (string? Fault, long Runs) Hits(Without without) => First(
        // Another value of the key, another key, the slot given back and taken again, with a lineage's number that was in use.
        Every(without, p => [.. p.Writes(1, 2, lineage: 2), .. p.Writes(1, 3, lineage: 1)], p => p.Hits()),
        Every(without, p => [.. p.Writes(2, 2, lineage: 2), .. p.Writes(1, 3, lineage: 1)], p => p.Hits()),
        Every(without, p => [.. p.Frees(), .. p.Writes(2, 4, lineage: 1), .. p.Writes(1, 5, lineage: 2)], p => p.Hits()));

    private static (string? Fault, long Runs) Marks(Without without) => Every(without, p => p.Marks(), p => p.ReadsInFull());

    private static (string? Fault, long Runs) First(params (string? Fault, long Runs)[] results) =>
        (results.Select(result => result.Fault).FirstOrDefault(fault => fault is not null), results.Sum(result => result.Runs));

    private static (string? Fault, long Runs) Every(Without without, Func<SlotProtocol, Action[]> writer, Func<SlotProtocol, Action[]> reader)
    {
        var (writes, reads) = (writer(new SlotProtocol(without)).Length, reader(new SlotProtocol(without)).Length);
        var runs = 0L;
        for (var order = 0u; order < 1u << (writes + reads); order++)
        {
            if (System.Numerics.BitOperations.PopCount(order) != reads)
            {
                continue;
            }

            var protocol = new SlotProtocol(without);
            Array.ForEach(protocol.Writes(1, 1, lineage: 1), step => step());
            var (write, read) = (writer(protocol), reader(protocol));
            runs++;
            for (int n = 0, w = 0, r = 0; n < writes + reads; n++)
            {
                (((order >> n) & 1) != 0 ? read[r++] : write[w++])();
            }

            if (protocol.Fault is not null)
            {
                return (protocol.Fault, runs);
            }
        }

        return (null, runs);
    }
}
