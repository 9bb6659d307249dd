using Millpond.Loading;
using Millpond.Overload;

namespace Millpond;

/// <summary>
/// How much one source bears, and what it does when more is asked of it. Keyspaces name their source; those that name the same one share its limit.
/// </summary>
public sealed record SourceLimits
{
    /// <summary>The most loads under way at once from this process, whatever happens. Default 64.</summary>
    public int ConcurrentLoadsMax { get; set; } = 64;

    /// <summary>The fewest that it comes down to when the source grows slow. Default null: an eighth of <see cref="ConcurrentLoadsMax"/>, at least 1. The same number as there
    /// keeps the limit where it is.</summary>
    public int? ConcurrentLoadsMin { get; set; }

    /// <summary>The most loads that wait for one of these places; past it MP1303. Default 10,000; at least 1.</summary>
    public int WaitingLoadsMax { get; set; } = 10_000;

    /// <summary>How long a load may wait for a place, if callers wait for it or may join it; past it MP1303. Past half of it the newest go first. Default 5 seconds; warm-up has
    /// its <see cref="KeyspacePolicy.LoadTimeout"/>.</summary>
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The share of the places, and of those who may wait, that one keyspace can take where several use the source. Default 0.75; above 0, at most 1.</summary>
    public double KeyspaceShareMax { get; set; } = 0.75;

    /// <summary>The share of its keyspace's part that one tenant can take. Default 0.5; above 0, at most 1.</summary>
    public double TenantShareMax { get; set; } = 0.5;

    /// <summary>The share of failures among the loads of ten to twenty seconds past which the source is left alone (MP1308). Default 0.5; above 0; 2 for never.</summary>
    public double BreakerFailures { get; set; } = 0.5;

    /// <summary>How long it is left alone at first, before it is tried again; each time in vain twice as long, up to 30 seconds. Default 1 second; at least 10 milliseconds.</summary>
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many loads that failed may be tried again, as a share of those that succeeded. Default 0.1; 0 for none, at most 1.</summary>
    public double RetryShare { get; set; } = 0.1;

    internal int ConcurrentLoadsLeast => ConcurrentLoadsMin ?? Math.Max(1, ConcurrentLoadsMax / 8);

    internal BreakerSettings Breaking => SourceBreaking.Settings(BreakerFailures, BreakerPause);
}
