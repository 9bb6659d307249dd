using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Policies;

/// <summary>
/// A keyspace's policy and limits as the roads use them: immutable, in ticks, swapped whole when configuration changes. Everything here is a pure
/// function of its arguments.
/// </summary>
internal sealed class Policy
{
    // XFetch draws -ln(u) for u in (0, 1]. Below 2^-20 a draw happens once in a million reads, so before this many load times ahead of
    // expiry no read needs to draw at all, and the hit path stays one comparison.
    private const double EarlyDrawsMax = 13.9;

    // What a policy may say at most. A caller who says more (TimeSpan.MaxValue for ever) gets this, because rule 11 knows no for ever.
    private static readonly TimeSpan ChosenTimeMax = TimeSpan.FromDays(365);

    public Policy(KeyspacePolicy options, KeyspaceLimits limits, HotKeyOptions hotKeys)
    {
        Options = options;
        Limits = limits;
        HotKeys = hotKeys;
        StaleTicks = options.StaleWhileRevalidate.Ticks;
        StaleOnErrorTicks = Math.Max(options.StaleIfError.Ticks, StaleTicks);
        LeaseTimeMax = options.LoadTimeout + limits.LeaseMargin;
        LeaseTime = limits.LeaseTime < LeaseTimeMax ? limits.LeaseTime : LeaseTimeMax;
    }

    public KeyspacePolicy Options { get; }

    public KeyspaceLimits Limits { get; }

    public HotKeyOptions HotKeys { get; }

    public WarmUpOptions WarmUp { get; init; } = new();

    public long StaleTicks { get; }

    public long StaleOnErrorTicks { get; }

    /// <summary>How long a lease is asked for, and extended by.</summary>
    public TimeSpan LeaseTime { get; }

    /// <summary>How long one is extended again and again.</summary>
    public TimeSpan LeaseTimeMax { get; }

    /// <summary>The sliding time of one entry; zero if it does not slide.</summary>
    public TimeSpan SlidingTime(TimeSpan? chosen) => chosen > ChosenTimeMax ? ChosenTimeMax : chosen ?? Options.Sliding;

    /// <summary>The fresh time of one entry, jittered downwards: what a caller chose is a bound too.</summary>
    public TimeSpan FreshTime(RecordKind kind, TimeSpan? chosen, Surroundings surroundings)
    {
        var time = Bounded(chosen ?? (kind == RecordKind.Negative ? Options.NegativeTimeToLive : Options.TimeToLive));
        return Options.Jitter == 0 ? time : time * (1 - (Options.Jitter * surroundings.NextDouble()));
    }

    /// <summary>A time that a loader or a caller chose, within what configuration would allow.</summary>
    public static TimeSpan Bounded(TimeSpan time) => time < TimeSpan.Zero ? TimeSpan.Zero : time > SettingsRules.TimeMax ? SettingsRules.TimeMax : time;

    /// <summary>When the engine and the local tier drop an entry that is fresh for <paramref name="fresh"/>.</summary>
    public TimeSpan HardTime(TimeSpan fresh) => fresh + TimeSpan.FromTicks(StaleOnErrorTicks);

    /// <summary>From when on a hit must be looked at for renewal; the end of freshness if no renewal ahead is on.</summary>
    public long QuietUntil(long loadedAt, long freshUntil, long loadTicks)
    {
        var quiet = freshUntil;
        if (Options.RefreshAhead > 0)
        {
            quiet = Math.Min(quiet, loadedAt + (long)((freshUntil - loadedAt) * Options.RefreshAhead));
        }

        if (Options.EarlyRefresh > 0)
        {
            quiet = Math.Min(quiet, freshUntil - (long)(loadTicks * Options.EarlyRefresh * EarlyDrawsMax));
        }

        return Math.Max(quiet, loadedAt);
    }

    /// <summary>Whether this hit on a fresh entry starts a renewal, and why.</summary>
    public RefreshCause Renewal(long now, long loadedAt, long freshUntil, long loadTicks, Surroundings surroundings)
    {
        if (Options.RefreshAhead > 0 && now >= loadedAt + (long)((freshUntil - loadedAt) * Options.RefreshAhead))
        {
            return RefreshCause.Ahead;
        }

        if (Options.EarlyRefresh > 0 && now - (loadTicks * Options.EarlyRefresh * Math.Log(1 - surroundings.NextDouble())) >= freshUntil)
        {
            return RefreshCause.Early;
        }

        return RefreshCause.None;
    }
}

/// <summary>Why a renewal was begun although callers were served.</summary>
internal enum RefreshCause
{
    None,
    Ahead,
    Early,
    Stale,
}
