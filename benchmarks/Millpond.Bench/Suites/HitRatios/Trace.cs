namespace Millpond.Bench.Suites.HitRatios;

/// <summary>A sequence of reads. <see cref="Weights"/> gives each key's size in bytes, or is null when the trace knows none.</summary>
internal sealed record Trace(string Name, int[] Keys, uint[]? Weights)
{
    /// <summary>How many different keys are read: they are numbered from 0 in order of first use.</summary>
    public int Distinct { get; } = Keys.Length == 0 ? 0 : Keys.Max() + 1;

    public long BytesOfAll => Weights is null ? Distinct : Weights.Sum(weight => (long)weight);

    public uint WeightOf(int key) => Weights is null ? 1 : Weights[key];

    /// <summary>Hit ratios of a cache that begins empty, in percent of the reads and of the bytes read.</summary>
    public (double Objects, double Bytes) Replay(IReplacement cache)
    {
        var (hits, hitBytes, bytes) = (0L, 0L, 0L);
        foreach (var key in Keys)
        {
            var weight = WeightOf(key);
            bytes += weight;
            if (cache.Read(key, weight))
            {
                hits++;
                hitBytes += weight;
            }
        }

        return (100.0 * hits / Keys.Length, 100.0 * hitBytes / bytes);
    }

    /// <summary>The same reads with their keys numbered from 0 in order of first use.</summary>
    public static Trace Numbered(string name, IEnumerable<int> keys)
    {
        var numbers = new Dictionary<int, int>();
        return new Trace(name, keys.Select(key => numbers.TryGetValue(key, out var number) ? number : numbers[key] = numbers.Count).ToArray(), null);
    }
}
