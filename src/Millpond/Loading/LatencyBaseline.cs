namespace Millpond.Loading;

/// <summary>
/// How long one kind of load takes when the source is not crowded. Kinds are told apart by keyspace and by the size of a batch, so that a keyspace of long queries beside one of
/// short ones does not look like a source that has slowed down.
/// </summary>
internal sealed class LatencyBaseline
{
    // A load may look at most this many times as slow as usual: one that hangs among fifty that do not is its own trouble, not the source's.
    private const int OutlierTimes = 10;

    // Within this factor of what is known, a mean is taken for noise around it and moves it a little either way. Beyond, down is believed soon and up is believed late.
    private const double NoiseTimes = 1.5;
    private const double NoiseWeight = 0.1;
    private const double FallWeight = 0.5;

    // Loads that take longer for two minutes, with few of ours under way, are how the source is now and not trouble that passes. Where they take as long with few as with many it is
    // not our crowd that makes them, and being few does not help.
    private static readonly double PatienceTicks = TimeSpan.FromMinutes(2).Ticks;
    private static readonly double PatienceInVainTicks = TimeSpan.FromSeconds(10).Ticks;

    private double _sum;
    private int _count;

    /// <summary>In ticks; 0 while nothing is known.</summary>
    public double Ticks { get; private set; }

    /// <summary>Takes a load's time, and returns what it counts as.</summary>
    public double Add(long took)
    {
        var counted = Ticks > 0 ? Math.Min(took, Ticks * OutlierTimes) : took;
        _sum += counted;
        _count++;
        return counted;
    }

    /// <summary>Learns from what was added, which speaks for some time, and forgets it.</summary>
    /// <param name="time">For how long, in ticks.</param>
    /// <param name="inVain">Whether loads took no longer when there were more of them.</param>
    public void Learn(long time, bool inVain)
    {
        if (_count > 0)
        {
            Learn(_sum / _count, time, inVain ? PatienceInVainTicks : PatienceTicks);
        }

        Forget();
    }

    public void Forget()
    {
        _sum = 0;
        _count = 0;
    }

    private void Learn(double mean, long time, double patience)
    {
        var weight = Ticks == 0 ? 1
            : mean < Ticks / NoiseTimes ? FallWeight
            : mean > Ticks * NoiseTimes ? 1 - Math.Exp(-time / patience)
            : NoiseWeight;
        Ticks += (mean - Ticks) * weight;
    }
}
