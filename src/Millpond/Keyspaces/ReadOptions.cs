namespace Millpond;

/// <summary>What happens when all there is is staler than the caller accepts.</summary>
public enum WhenTooStale
{
    /// <summary>It is loaded anew; if that fails, the failure is thrown.</summary>
    Revalidate,

    /// <summary>MP1306 is thrown at once, and the source is left alone.</summary>
    Refuse,
}

/// <summary>What happens when the region has not come as far as a read asks for.</summary>
public enum WhenBehind
{
    /// <summary>MP1604 is thrown for a session, MP1306 for a bound.</summary>
    Refuse,

    /// <summary>The value is loaded from the home database (<see cref="KeyspaceBuilder{TKey, TValue}.LoadFromHome"/>), for this caller and kept nowhere.</summary>
    AskHome,
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

    /// <summary>Whose read it is: it shows what the session has written and seen of the key, and the session then has seen what it shows. Null for a read that may go back in time between processes and regions.</summary>
    public Session? Session { get; init; }

    /// <summary>What to do if the region has not come so far in <see cref="BehindWaitMax"/>: as the session, or, where its database is a replica, as <see cref="MaxStaleness"/>. Default: refuse.</summary>
    public WhenBehind WhenBehind { get; init; }

    /// <summary>How long to wait until the region has come so far; null for a second, zero for not at all. Up to a minute.</summary>
    public TimeSpan? BehindWaitMax { get; init; }

    /// <summary>The earliest beginning of a load that is accepted at <paramref name="now"/>; a bound below zero asks for no more than one of zero.</summary>
    internal long NotBefore(long now) => MaxStaleness is { } bound ? now - Math.Max(0, bound.Ticks) : long.MinValue;

    /// <summary>A read of a session.</summary>
    /// <param name="session">The session.</param>
    public static ReadOptions In(Session session) => new() { Session = session };

    /// <summary>A read with a bound on staleness.</summary>
    /// <param name="maxStaleness">The oldest value accepted.</param>
    public static ReadOptions AtMost(TimeSpan maxStaleness) => new() { MaxStaleness = maxStaleness };
}
