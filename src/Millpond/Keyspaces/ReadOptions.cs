namespace Millpond;

/// <summary>What happens when all there is is staler than the caller accepts.</summary>
public enum WhenTooStale
{
    /// <summary>It is loaded anew; if that fails, the failure is thrown.</summary>
    Revalidate,

    /// <summary>MP1306 is thrown at once, and the source is left alone.</summary>
    Refuse,
}

/// <summary>What one read wants other than its keyspace's policy. The default asks for nothing special.</summary>
public readonly record struct ReadOptions
{
    /// <summary>
    /// The oldest value this caller accepts, counted from the beginning of its load; null for whatever the policy serves. Zero means a load that
    /// began after this call.
    /// </summary>
    public TimeSpan? MaxStaleness { get; init; }

    /// <summary>What to do if only a staler one is at hand. Default: revalidate.</summary>
    public WhenTooStale WhenTooStale { get; init; }

    /// <summary>The earliest beginning of a load that is accepted at <paramref name="now"/>; a bound below zero asks for no more than one of zero.</summary>
    internal long NotBefore(long now) => MaxStaleness is { } bound ? now - Math.Max(0, bound.Ticks) : long.MinValue;

    /// <summary>A read with a bound on staleness.</summary>
    /// <param name="maxStaleness">The oldest value accepted.</param>
    public static ReadOptions AtMost(TimeSpan maxStaleness) => new() { MaxStaleness = maxStaleness };
}
