namespace Millpond.Sim.Oracles;

/// <summary>The finding that ends a run: which promise was broken, and what was seen.</summary>
internal sealed class BrokenOracle(string oracle, Item? item, string finding) : Exception($"{oracle} broken: {finding}")
{
    public string Oracle { get; } = oracle;

    public Item? Item { get; } = item;
}
