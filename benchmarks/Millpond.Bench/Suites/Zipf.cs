namespace Millpond.Bench.Suites;

/// <summary>Draws numbers of which few are drawn often: the rank i with a weight of 1 / (i + 1) ^ 0.99, as YCSB does. The same for the same seed.</summary>
internal static class Zipf
{
    private const double Exponent = 0.99;

    public static IEnumerable<int> Ranks(int ranks, int draws, int seed)
    {
        var sums = new double[ranks];
        var sum = 0.0;
        for (var i = 0; i < ranks; i++)
        {
            sums[i] = sum += Math.Pow(i + 1, -Exponent);
        }

        var random = new Random(seed);
        for (var i = 0; i < draws; i++)
        {
            var found = Array.BinarySearch(sums, random.NextDouble() * sum);
            yield return Math.Min(ranks - 1, found < 0 ? ~found : found);
        }
    }
}
