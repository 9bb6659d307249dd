namespace Millpond.Sim.Database;

/// <summary>A value as cached: it says whose it is and which write made it, so that whoever reads it can be held to account.</summary>
/// <param name="Space">The number of its keyspace.</param>
/// <param name="Tenant">The number of its tenant; 0 where there are none.</param>
/// <param name="Key">Its key.</param>
/// <param name="Mark">The number of the write that made it; no two writes of a run have the same.</param>
/// <param name="Category">What it is tagged by.</param>
internal sealed record Row(int Space, int Tenant, int Key, long Mark, int Category);
