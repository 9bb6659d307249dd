namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>A cache as its users work with it: reads that store what they missed, and writes. Implemented by structs, as <see cref="ILookup"/> is and for the same reason.</summary>
internal interface IServing : IDisposable
{
    /// <summary>Reads a key, and stores its value if it is not held. True for a hit.</summary>
    bool Read(int key);

    void Write(int key);

    int Count { get; }
}

/// <summary>What the caches are asked for and what they store: keys of 16 characters, asked for with other instances than are stored, and a few values that all keys share.</summary>
internal sealed class Supplies(int keys)
{
    // A value each would be 128 MB of memory that no subject looks at.
    private const int Values = 1_024;

    private readonly byte[][] _values = [.. Enumerable.Range(0, Values).Select(_ => new byte[Workload.ValueBytes])];

    public string[] Held { get; } = [.. Enumerable.Range(0, keys).Select(Workload.TextOf)];

    public string[] Asked { get; } = [.. Enumerable.Range(0, keys).Select(Workload.TextOf)];

    /// <summary>What so many entries weigh.</summary>
    public long BytesOf(int entries) => entries * BareTier<string>.Weight(Held[0], _values[0]);

    public byte[] ValueOf(int key) => _values[key % Values];
}
