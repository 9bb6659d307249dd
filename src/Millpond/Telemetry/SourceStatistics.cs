using Millpond.Loading;
using Millpond.Overload;

namespace Millpond;

/// <summary>How one source stands, as its guard sees it.</summary>
public sealed record SourceStatistics
{
    /// <summary>The source's name.</summary>
    public required string Name { get; init; }

    /// <summary>How many loads it is let have at once now; at most <see cref="SourceLimits.ConcurrentLoadsMax"/>.</summary>
    public required int Limit { get; init; }

    /// <summary>Loads under way.</summary>
    public required int Inside { get; init; }

    /// <summary>Loads that wait for a place.</summary>
    public required int Waiting { get; init; }

    /// <summary>Loads that were not let to it, by reason: <c>queue_full</c>, <c>keyspace_full</c>, <c>tenant_full</c>, <c>waited_too_long</c>, <c>displaced</c>, <c>breaker_open</c>.</summary>
    public required IReadOnlyDictionary<string, long> Refused { get; init; }

    /// <summary>Whether it is used, tried, or left alone because it fails.</summary>
    public required BreakerState Breaker { get; init; }

    internal static SourceStatistics Of(SourceGuard source)
    {
        var refused = source.Refused;
        return new()
        {
            Name = source.Name,
            Limit = source.Limit,
            Inside = source.Inside,
            Waiting = source.Waiting,
            Refused = Enum.GetValues<ShedReason>().ToDictionary(Telemetry.TagNames.Snake, reason => refused[(int)reason]),
            Breaker = source.Breaker,
        };
    }
}
