using System.Globalization;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>
/// Keys of 16 characters or integers, values of 100 bytes, and an order to ask for them in. What is asked with is equal to what is held and another instance, as it is where keys
/// come with requests.
/// </summary>
internal sealed class Workload
{
    public const int ValueBytes = 100;

    private Workload(int keys, int[] order)
    {
        Order = order;
        Numbers = [.. Enumerable.Range(0, keys).Select(NumberOf)];
        Held = [.. Enumerable.Range(0, keys).Select(TextOf)];
        Asked = [.. Enumerable.Range(0, keys).Select(TextOf)];
        Values = [.. Enumerable.Range(0, keys).Select(_ => new byte[ValueBytes])];
    }

    /// <summary>Which key to ask for, one after the other.</summary>
    public int[] Order { get; }

    public int[] Numbers { get; }

    public string[] Held { get; }

    public string[] Asked { get; }

    public byte[][] Values { get; }

    public static Workload Uniform(int keys, int draws)
    {
        var random = new Random(1);
        return new(keys, [.. Enumerable.Range(0, draws).Select(_ => random.Next(keys))]);
    }

    public static Workload Zipf(int keys, int draws) => new(keys, ZipfOrder(keys, draws, seed: 1));

    /// <summary>An order in which few keys are asked for often, wherever they lie.</summary>
    public static int[] ZipfOrder(int keys, int draws, int seed)
    {
        // The same keys are the popular ones for every seed.
        var places = Enumerable.Range(0, keys).ToArray();
        new Random(0).Shuffle(places);
        return [.. Suites.Zipf.Ranks(keys, draws, seed).Select(rank => places[rank])];
    }

    public static string TextOf(int key) => string.Create(CultureInfo.InvariantCulture, $"item:{NumberOf(key):x8}:eu");

    /// <summary>Which key a text is of.</summary>
    public static int PlaceOf(string text) => int.Parse(text.AsSpan(5, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture) - NumberOf(0);

    // Integers from a database's sequence are dense; most keys that are not strings are such.
    public static int NumberOf(int key) => key + 1_000_000;
}
