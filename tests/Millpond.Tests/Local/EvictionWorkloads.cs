namespace Millpond.Tests.Local;

/// <summary>Sequences of keys, each the same for the same seed.</summary>
internal static class EvictionWorkloads
{
    /// <summary>Zipf 0.99: the n-th key is asked for in proportion to n to the power of -0.99.</summary>
    public static IEnumerable<int> Zipf(int keys, int reads, int seed, int firstKey = 0)
    {
        var sums = new double[keys];
        var sum = 0.0;
        for (var i = 0; i < keys; i++)
        {
            sums[i] = sum += Math.Pow(i + 1, -0.99);
        }

        var random = new Random(seed);
        for (var i = 0; i < reads; i++)
        {
            var found = Array.BinarySearch(sums, random.NextDouble() * sum);
            yield return firstKey + Math.Min(keys - 1, found < 0 ? ~found : found);
        }
    }

    /// <summary>The same keys over and over.</summary>
    public static IEnumerable<int> Loop(int keys, int rounds) => Enumerable.Repeat(Enumerable.Range(0, keys), rounds).SelectMany(round => round);

    /// <summary>Each key twice, the second time a while after the first, and then never again.</summary>
    public static IEnumerable<int> Twice(int keys, int distance) => Enumerable.Range(0, keys).SelectMany(key => key < distance ? [key] : new[] { key, key - distance });

    /// <summary>What the least recently used rule would have hit.</summary>
    public static double LruHitRatio(IEnumerable<int> keys, int entriesMax)
    {
        var order = new LinkedList<int>();
        var nodes = new Dictionary<int, LinkedListNode<int>>();
        var (hits, reads) = (0, 0);
        foreach (var key in keys)
        {
            reads++;
            if (nodes.TryGetValue(key, out var node))
            {
                hits++;
                order.Remove(node);
                order.AddLast(node);
                continue;
            }

            nodes[key] = order.AddLast(key);
            if (nodes.Count > entriesMax)
            {
                nodes.Remove(order.First!.Value);
                order.RemoveFirst();
            }
        }

        return (double)hits / reads;
    }
}
