namespace Catalog.Page;

/// <summary>How old values were when they were served, in the last seconds; the bounds are the page's labels.</summary>
internal sealed class AgeBuckets
{
    public static readonly double[] UpperSeconds = [1, 5, 15, 60, 120, 300, double.PositiveInfinity];

    public static readonly string[] Labels = ["under 1 s", "1 to 5 s", "5 to 15 s", "15 to 60 s", "1 to 2 min", "2 to 5 min", "over 5 min"];

    /// <summary>Each turn keeps this share of what was there, so that a bar stands on some dozens of samples.</summary>
    private const double Keep = 0.97;

    private readonly long[] _now = new long[UpperSeconds.Length];
    private readonly double[] _mean = new double[UpperSeconds.Length];

    public void Record(double seconds) => Interlocked.Increment(ref _now[Array.FindIndex(UpperSeconds, upper => seconds < upper)]);

    /// <summary>The share of each bucket; all zero if nothing was served.</summary>
    public double[] Turn()
    {
        for (int bucket = 0; bucket < _mean.Length; bucket++)
        {
            _mean[bucket] = (_mean[bucket] * Keep) + Interlocked.Exchange(ref _now[bucket], 0);
        }

        double total = _mean.Sum();
        return [.. _mean.Select(mean => total < 0.01 ? 0 : mean / total)];
    }
}
