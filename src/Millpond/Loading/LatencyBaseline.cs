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

    // Loads that take longer for two minutes, with the source as good as alone, are how the source is now and not trouble that passes.
    private static readonly double PatienceTicks = TimeSpan.FromMinutes(2).Ticks;
    private static readonly long StepTicksMax = TimeSpan.FromSeconds(30).Ticks;

    private double _sum;
    private int _count;
    private long _learntAt;

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

    /// <summary>Learns from what was added, and forgets it.</summary>
    public void Learn(long now)
    {
        if (_count > 0)
        {
            Learn(_sum / _count, now);
        }

        Forget();
    }

    public void Forget()
    {
        _sum = 0;
        _count = 0;
    }

    private void Learn(double mean, long now)
    {
        var weight = Ticks == 0 ? 1
            : mean < Ticks / NoiseTimes ? FallWeight
            : mean > Ticks * NoiseTimes ? 1 - Math.Exp(-Math.Min(now - _learntAt, StepTicksMax) / PatienceTicks)
            : NoiseWeight;
        Ticks += (mean - Ticks) * weight;
        _learntAt = now;
    }
}
