namespace Millpond;

/// <summary>What becomes of a load when the last caller who waited for it has gone.</summary>
public enum AbandonedLoad
{
    /// <summary>It finishes, and its value is kept.</summary>
    Finishes,

    /// <summary>Its token is cancelled.</summary>
    IsCancelled,
}

/// <summary>
/// How long the entries of a keyspace live and how they are renewed. Declared in code, overridden by configuration
/// (<c>Millpond:Keyspaces:{name}</c>), re-read while running: a change applies to reads at once and to entries as they are next loaded.
/// </summary>
public sealed record KeyspacePolicy
{
    /// <summary>How long a value is fresh, from the beginning of its load. Default 5 minutes; above zero, at most 365 days.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>For this long after it ceased to be fresh a value is served while one load renews it. Default zero: callers wait.</summary>
    public TimeSpan StaleWhileRevalidate { get; set; }

    /// <summary>For this long after it ceased to be fresh a value is served when its load fails. Default zero: the failure is thrown.</summary>
    public TimeSpan StaleIfError { get; set; }

    /// <summary>How long "the source has no such row" is kept. Default 30 seconds; zero keeps none.</summary>
    public TimeSpan NegativeTimeToLive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A value also goes after this long without a read. Default zero: it does not.</summary>
    public TimeSpan Sliding { get; set; }

    /// <summary>Times to live are shortened by up to this share, at random, so that what was loaded together does not expire together
    /// (A61). Default 0.1; from 0 to 0.5. Never lengthened: the time to live stays a bound.</summary>
    public double Jitter { get; set; } = 0.1;

    /// <summary>A hit past this share of the time to live starts a renewal aside, while the value is still fresh. Default 0: off; below 1.</summary>
    public double RefreshAhead { get; set; }

    /// <summary>
    /// The eagerness of probabilistic early renewal (beta of XFetch, VLDB 2015): near its end each hit may start a renewal, the more likely the nearer
    /// and the slower the load was. Default 0: off; 1 is the paper's optimum; at most 10.
    /// </summary>
    public double EarlyRefresh { get; set; }

    /// <summary>How long a caller waits for a load before it gets the stale value there is, if its stale-if-error time is not over; the load goes on. Default
    /// zero: as long as it takes.</summary>
    public TimeSpan SoftTimeout { get; set; }

    /// <summary>How long a load may take before it fails with MP1302. Default 30 seconds; at least 1 millisecond, at most 1 hour.</summary>
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a load is tried again that failed in a way that <see cref="KeyspaceBuilder{TKey, TValue}.RetryWhen"/> calls transient. Default 2; at most 10.</summary>
    public int RetriesMax { get; set; } = 2;

    /// <summary>How long a write through the keyspace's writer may take before it fails with MP1404. Default 30 seconds; at least 1 millisecond, at most 1 hour.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>After a write whose outcome is unknown its key is invalidated at once, and again after this: by then the source has committed what was still on its way, or never will.
    /// Default 10 seconds; at most 1 hour. Longer than the source goes on with a statement whose client has gone.</summary>
    public TimeSpan WriteSettleTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What becomes of a value when its key is invalidated. Default gone.</summary>
    public Shared.AfterInvalidation AfterInvalidation { get; set; }

    /// <summary>What becomes of a load that nobody waits for any more. Default: it finishes.</summary>
    public AbandonedLoad AbandonedLoad { get; set; }
}
