using Millpond.Overload;

namespace Millpond.Loading;

/// <summary>What of a source's breaker is no option.</summary>
internal static class SourceBreaking
{
    /// <summary>Loads that a source is tried with when it was left alone; all have to succeed.</summary>
    public const int Probes = 3;

    // Fewer loads than this prove nothing about a source.
    private const int LoadsMin = 20;

    // Long enough that a source that is used a little is judged at all, short enough that an outage is noticed while it lasts.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    // Longer pauses save the source nothing any more: six loads a minute are no burden.
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);

    public static BreakerSettings Settings(double failureShare, TimeSpan pause) => new(failureShare, LoadsMin, Window, pause, pause > PauseMax ? pause : PauseMax, Probes);
}
