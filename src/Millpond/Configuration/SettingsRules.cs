namespace Millpond;

/// <summary>What settings must satisfy, alone and together. Every fault is added with the setting's place, its value, the rule, and what to do.</summary>
internal static class SettingsRules
{
    // The hard time to live is the only bound on what nobody thought of; a year is no bound, but it is finite.
    internal static readonly TimeSpan TimeMax = TimeSpan.FromDays(365);

    // What nobody chose contradicts nothing: a keyspace whose loads are given up sooner simply has no use for all of it.
    private static readonly TimeSpan DefaultWaitMax = new SourceLimits().WaitMax;

    public static void Check(KeyspacePolicy policy, KeyspaceLimits limits, string place, ICollection<string> faults)
    {
        Within(policy.TimeToLive, TimeSpan.FromMilliseconds(1), TimeMax, place, nameof(policy.TimeToLive), faults);
        Within(policy.StaleWhileRevalidate, TimeSpan.Zero, TimeMax, place, nameof(policy.StaleWhileRevalidate), faults);
        Within(policy.StaleIfError, TimeSpan.Zero, TimeMax, place, nameof(policy.StaleIfError), faults);
        Within(policy.NegativeTimeToLive, TimeSpan.Zero, TimeMax, place, nameof(policy.NegativeTimeToLive), faults);
        Within(policy.Sliding, TimeSpan.Zero, TimeMax, place, nameof(policy.Sliding), faults);
        Within(policy.SoftTimeout, TimeSpan.Zero, TimeSpan.FromHours(1), place, nameof(policy.SoftTimeout), faults);
        Within(policy.LoadTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), place, nameof(policy.LoadTimeout), faults);
        Within(policy.RetriesMax, 0, 10, place, nameof(policy.RetriesMax), faults);
        Within(policy.WriteTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), place, nameof(policy.WriteTimeout), faults);
        Within(policy.WriteSettleTime, TimeSpan.Zero, TimeSpan.FromHours(1), place, nameof(policy.WriteSettleTime), faults);
        Within(policy.Jitter, 0, 0.5, place, nameof(policy.Jitter), faults);
        Within(policy.RefreshAhead, 0, 0.99, place, nameof(policy.RefreshAhead), faults);
        Within(policy.EarlyRefresh, 0, 10, place, nameof(policy.EarlyRefresh), faults);
        CheckTogether(policy, limits, place, faults);
        Check(limits, place + ":Limits", faults);
    }

    public static void Check(MillpondOptions options, string place, ICollection<string> faults)
    {
        Within(options.LocalBytesMax, 64L << 10, long.MaxValue, place, nameof(options.LocalBytesMax), faults);
        Within(options.SharedTierTimeoutMin, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), place, nameof(options.SharedTierTimeoutMin), faults);
        Within(options.SharedTierTimeoutMax, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), place, nameof(options.SharedTierTimeoutMax), faults);
        if (options.SharedTierTimeoutMin > options.SharedTierTimeoutMax)
        {
            faults.Add($"{place}: SharedTierTimeoutMin ({options.SharedTierTimeoutMin}) is above SharedTierTimeoutMax ({options.SharedTierTimeoutMax}). The least must be within the most.");
        }

        Within(options.WarmSideHoldOff, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), place, nameof(options.WarmSideHoldOff), faults);
        if (options.SnapshotFolder is { } folder && string.IsNullOrWhiteSpace(folder))
        {
            faults.Add($"{place}:{nameof(options.SnapshotFolder)} is blank, which is no folder. Name one, or leave it out.");
        }

        CheckName(options.Prefix, $"{place}:{nameof(options.Prefix)}", faults);
        Check(options.HotKeys, $"{place}:{nameof(options.HotKeys)}", faults);
        Within(options.Audit.ChecksPerSecond, 0, 1_000, $"{place}:{nameof(options.Audit)}", nameof(options.Audit.ChecksPerSecond), faults);
        Within(options.Audit.SuspectsMax, 1, 10_000, $"{place}:{nameof(options.Audit)}", nameof(options.Audit.SuspectsMax), faults);
        foreach (var (name, source) in options.Sources)
        {
            Check(source, $"{place}:Sources:{name}", faults);
        }
    }

    /// <summary>What a keyspace and its source say together.</summary>
    public static void CheckTogether(KeyspacePolicy policy, SourceLimits source, string place, string sourceName, ICollection<string> faults)
    {
        if (source.WaitMax != DefaultWaitMax && source.WaitMax > policy.LoadTimeout)
        {
            faults.Add($"{place}: a load may wait {source.WaitMax} for a place at source '{sourceName}' (WaitMax), but is given up after {policy.LoadTimeout} (LoadTimeout), so WaitMax would never "
                + "matter. Shorten WaitMax or lengthen LoadTimeout.");
        }
    }

    private static void Check(SourceLimits source, string place, ICollection<string> faults)
    {
        Within(source.ConcurrentLoadsMax, 1, 100_000, place, nameof(source.ConcurrentLoadsMax), faults);
        Within(source.ConcurrentLoadsMin ?? 1, 1, 100_000, place, nameof(source.ConcurrentLoadsMin), faults);
        Within(source.WaitingLoadsMax, 1, 10_000_000, place, nameof(source.WaitingLoadsMax), faults);
        Within(source.WaitMax, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), place, nameof(source.WaitMax), faults);
        Within(source.KeyspaceShareMax, 0.01, 1, place, nameof(source.KeyspaceShareMax), faults);
        Within(source.TenantShareMax, 0.01, 1, place, nameof(source.TenantShareMax), faults);
        Within(source.BreakerFailures, 0.01, 2, place, nameof(source.BreakerFailures), faults);
        Within(source.BreakerPause, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1), place, nameof(source.BreakerPause), faults);
        Within(source.RetryShare, 0, 1, place, nameof(source.RetryShare), faults);
        if (source.ConcurrentLoadsMin > source.ConcurrentLoadsMax)
        {
            faults.Add($"{place}: ConcurrentLoadsMin ({source.ConcurrentLoadsMin}) is above ConcurrentLoadsMax ({source.ConcurrentLoadsMax}). The least must be within the most.");
        }
    }

    private static void Check(HotKeyOptions hot, string place, ICollection<string> faults)
    {
        if (hot.TrackedKeysMax != 0)
        {
            Within(hot.TrackedKeysMax, 16, 4_096, place, nameof(hot.TrackedKeysMax), faults);
        }

        Within(hot.ShareMin, 0.02, 1, place, nameof(hot.ShareMin), faults);
        Within(hot.ReadsPerSecondMin, 0.001, 1e12, place, nameof(hot.ReadsPerSecondMin), faults);
        Within(hot.AsksPerSecondMax, 1, 1_000_000, place, nameof(hot.AsksPerSecondMax), faults);
        Within(hot.HoldTime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), place, nameof(hot.HoldTime), faults);
        if (hot.FleetPeriod != TimeSpan.Zero)
        {
            Within(hot.FleetPeriod, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1), place, nameof(hot.FleetPeriod), faults);
        }

        // A count may be too high by the share of one counter, and what is not certain is not called hot.
        if (hot.TrackedKeysMax > 0 && hot.ShareMin * hot.TrackedKeysMax < 2)
        {
            faults.Add(FormattableString.Invariant(
                $"{place}: {hot.TrackedKeysMax} counters (TrackedKeysMax) cannot tell a share of {hot.ShareMin} (ShareMin) from none. Set TrackedKeysMax to {Math.Ceiling(2 / hot.ShareMin)} or more, or raise ShareMin."));
        }
    }

    public static void CheckName(string name, string place, ICollection<string> faults)
    {
        if (Keys.KeyRules.FaultOfKeyspaceName(name) is { } fault)
        {
            faults.Add($"{place}: {fault}");
        }
    }

    private static void CheckTogether(KeyspacePolicy policy, KeyspaceLimits limits, string place, ICollection<string> faults)
    {
        if (policy.SoftTimeout > TimeSpan.Zero && policy.SoftTimeout >= policy.LoadTimeout)
        {
            faults.Add($"{place}: SoftTimeout ({policy.SoftTimeout}) is not shorter than LoadTimeout ({policy.LoadTimeout}), so it would never matter. Shorten it or set it to zero.");
        }

        if (policy.SoftTimeout > TimeSpan.Zero && policy.StaleIfError == TimeSpan.Zero && policy.StaleWhileRevalidate == TimeSpan.Zero)
        {
            faults.Add($"{place}: SoftTimeout ({policy.SoftTimeout}) serves a stale value to who waits too long, but no stale time is set. Set StaleIfError.");
        }

        if (policy.AfterInvalidation == Shared.AfterInvalidation.Stale && policy.StaleWhileRevalidate == TimeSpan.Zero)
        {
            faults.Add($"{place}: AfterInvalidation is Stale, but StaleWhileRevalidate is zero, so no stale value would be served. Set it, or use Gone.");
        }

        if (limits.LocalBytesMin > limits.LocalBytesMax)
        {
            faults.Add($"{place}:Limits: LocalBytesMin ({limits.LocalBytesMin}) is above LocalBytesMax ({limits.LocalBytesMax}). The floor must be within the ceiling.");
        }
    }

    private static void Check(KeyspaceLimits limits, string place, ICollection<string> faults)
    {
        Within(limits.KeyBytesMax, 1, Keys.KeyRules.KeyBytesMaxMax, place, nameof(limits.KeyBytesMax), faults);
        Within(limits.ValueBytesMax, 1, 512 << 20, place, nameof(limits.ValueBytesMax), faults);
        Within(limits.LocalBytesMin, 0, long.MaxValue, place, nameof(limits.LocalBytesMin), faults);
        Within(limits.LocalBytesMax, 0, long.MaxValue, place, nameof(limits.LocalBytesMax), faults);
        Within(limits.LocalHotBytesMax, 0, long.MaxValue, place, nameof(limits.LocalHotBytesMax), faults);
        Within(limits.BatchKeysMax, 1, 1_000_000, place, nameof(limits.BatchKeysMax), faults);

        // A record has room for so many scopes, and a tenant is one.
        Within(limits.TagsMax, 0, Shared.RecordFormat.ScopesMax - 1, place, nameof(limits.TagsMax), faults);
        Within(limits.LeaseTime, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), place, nameof(limits.LeaseTime), faults);
        Within(limits.LeaseMargin, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), place, nameof(limits.LeaseMargin), faults);
        Within(limits.LeaseWaitMax, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), place, nameof(limits.LeaseWaitMax), faults);
    }

    internal static void Within<T>(T value, T least, T most, string place, string name, ICollection<string> faults)
        where T : IComparable<T>
    {
        // Written so that a double that is no number fails too.
        if (!(value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0))
        {
            faults.Add(FormattableString.Invariant($"{place}:{name} is {value}; it must be from {least} to {most}."));
        }
    }
}
