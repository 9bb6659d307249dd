namespace Millpond.Bench.Suites.HitRatios;

/// <summary>A cache without values: it only decides what is held. Keys are dense, from 0.</summary>
internal interface IReplacement
{
    /// <summary>Reads a key, and stores it when it is not held. Returns whether it was.</summary>
    bool Read(int key, uint weight);
}

/// <summary>A way of deciding, as a new cache of a size in bytes for a trace. A trace without sizes counts each entry as one byte.</summary>
internal sealed record Contender(string Name, Func<Trace, long, IReplacement> Create);
