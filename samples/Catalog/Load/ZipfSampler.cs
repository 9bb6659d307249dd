namespace Catalog.Load;

/// <summary>
/// Draws ranks 0 to n-1 where rank k has a weight of 1/(k+1)^s: the skew of most shops' traffic. The cumulative weights are kept
/// (8 bytes a rank) and searched by halving, which is exact, and quick enough at a few thousand draws a second.
/// </summary>
internal sealed class ZipfSampler
{
    private readonly double[] _cumulative;

    public ZipfSampler(int ranks, double skew)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        _cumulative = new double[ranks];
        double sum = 0;
        for (int rank = 0; rank < ranks; rank++)
        {
            sum += Math.Pow(rank + 1, -skew);
            _cumulative[rank] = sum;
        }
    }

    public int Ranks => _cumulative.Length;

    public int Next(Random random)
    {
        double point = random.NextDouble() * _cumulative[^1];
        int index = Array.BinarySearch(_cumulative, point);
        return Math.Min(index < 0 ? ~index : index + 1, _cumulative.Length - 1);
    }

    /// <summary>The share of all draws that this rank gets.</summary>
    public double Share(int rank) => (_cumulative[rank] - (rank > 0 ? _cumulative[rank - 1] : 0)) / _cumulative[^1];
}
