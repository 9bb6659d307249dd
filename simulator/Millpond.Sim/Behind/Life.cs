namespace Millpond.Sim.Behind;

/// <summary>A process from its start to its end, as journals and ledgers of account know it.</summary>
/// <param name="Node">Where it runs.</param>
/// <param name="Number">Which process of that place it is.</param>
internal sealed record Life(int Node, int Number);
