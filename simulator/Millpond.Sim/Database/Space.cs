using Millpond.Shared;

namespace Millpond.Sim.Database;

/// <summary>One keyspace of the simulation and what its policy allows a reader to see.</summary>
internal sealed record Space(int Number, string Name)
{
    public const int Categories = 6;

    public int Tenants { get; init; } = 1;

    public int Keys { get; init; } = 24;

    public bool HasLoader { get; init; } = true;

    public AfterInvalidation After { get; init; }

    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan NegativeTimeToLive { get; init; } = TimeSpan.FromSeconds(8);

    public TimeSpan StaleWhileRevalidate { get; init; }

    public TimeSpan StaleIfError { get; init; }

    public TimeSpan SoftTimeout { get; init; }

    public double RefreshAhead { get; init; }

    public double EarlyRefresh { get; init; }

    public long LocalBytesMax { get; init; } = long.MaxValue;

    /// <summary>The longest that any stale value is served, for whatever reason.</summary>
    public long StaleTicks => Math.Max(StaleWhileRevalidate.Ticks, StaleIfError.Ticks);

    /// <summary>The plain one; stale while revalidating with renewal ahead; stale after invalidation with early renewal; set only; nothing held but what is hot; tenants.</summary>
    public static IReadOnlyList<Space> All { get; } =
    [
        new(0, "plain"),
        new(1, "renewed") { StaleWhileRevalidate = TimeSpan.FromSeconds(2), StaleIfError = TimeSpan.FromSeconds(5), RefreshAhead = 0.6, SoftTimeout = TimeSpan.FromMilliseconds(50), TimeToLive = TimeSpan.FromSeconds(10) },
        new(2, "lazy") { StaleWhileRevalidate = TimeSpan.FromSeconds(2), After = AfterInvalidation.Stale, EarlyRefresh = 1, TimeToLive = TimeSpan.FromSeconds(10) },
        new(3, "set") { HasLoader = false },
        new(4, "shelf") { Keys = 6, LocalBytesMax = 0 },
        new(5, "owned") { Tenants = 3, Keys = 8 },
    ];
}
