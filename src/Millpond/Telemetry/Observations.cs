using System.Diagnostics.Metrics;
using Millpond.Auditing;
using Millpond.Events;
using Millpond.Policies;
using Millpond.Shared.Guarding;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Millpond.Telemetry;

/// <summary>What is read when a collector asks: the counts that keyspaces keep, and how things stand.</summary>
internal sealed class Observations
{
    private static readonly (ReadOrigin Tier, bool Negative, bool Stale)[] HitKinds =
    [
        .. from tier in new[] { ReadOrigin.Local, ReadOrigin.Shared }
           from negative in new[] { false, true }
           from stale in new[] { false, true }
           select (tier, negative, stale),
    ];

    /// <summary>By the number of the look at which a key agreed.</summary>
    private static readonly string[] AuditResults = ["at_once", "within_1s", "within_10s", "within_1min", "within_5min"];

    private readonly Lock _gate = new();
    private ObservedCache[] _caches = [];

    public Observations(Meter meter)
    {
        meter.CreateObservableCounter("millpond.hits", () => OfKeyspaces(Hits), "{hit}", "Reads served from this process, and misses here that the shared tier answered.");
        meter.CreateObservableCounter("millpond.misses", () => OfKeyspaces(Misses), "{miss}", "Reads that a tier did not answer, each for itself: joined ones are coalesced.");
        meter.CreateObservableCounter("millpond.coalesced", () => OfEach(one => one.Keyspace.Counters.Coalesced.Value), "{read}", "Reads that waited for what another caller had begun.");
        meter.CreateObservableCounter("millpond.coalesced.wait", () => OfKeyspaces(CoalescedWait), "s", "The time spent in such waits, all callers added up.");
        meter.CreateObservableCounter("millpond.evictions", () => OfKeyspaces(one => Each<EvictionCause>(one, TagNames.Cause, one.Keyspace.Counters.Evictions)), "{entry}", "Entries that left this process.");
        meter.CreateObservableCounter("millpond.refreshes", () => OfKeyspaces(one => Each<RefreshCause>(one, TagNames.Cause, one.Keyspace.Counters.Renewals)), "{refresh}", "Renewals in the background.");
        meter.CreateObservableCounter("millpond.stale_served", () => OfKeyspaces(one => Each<StaleReason>(one, TagNames.Reason, one.Keyspace.Counters.StaleServed)), "{read}", "Reads that were given a stale value.");
        meter.CreateObservableUpDownCounter("millpond.local.entries", () => OfEach(one => one.Keyspace.Entries), "{entry}", "Entries held in this process.");
        meter.CreateObservableUpDownCounter("millpond.local.bytes", () => OfEach(one => one.Keyspace.Bytes), "By", "What they weigh.");
        meter.CreateObservableGauge("millpond.local.age_at_eviction", () => OfKeyspaces(AgeAtEviction), "s", "The age that half of the entries had not reached when they had to go for want of room.");
        meter.CreateObservableUpDownCounter("millpond.deferred_changes", () => OfEach(one => one.Keyspace.DeferredChanges), "{change}", "Changes that the shared tier has not been told yet.");
        meter.CreateObservableGauge("millpond.channel.trusted", () => OfEach(one => one.Keyspace.IsTrusted ? 1 : 0), "1", "1 while what is held counts as proven; 0 while the push channel is silent.");
        meter.CreateObservableGauge("millpond.hot_keys", () => OfEach(one => one.Keyspace.HotKeysNow.Count), "{key}", "Keys that are hot.");
        meter.CreateObservableGauge("millpond.hot_keys.share", () => OfKeyspaces(HotShare), "1", "The share of the reads here that is for hot keys.");
        meter.CreateObservableCounter("millpond.audit.checks", () => OfKeyspaces(Audits), "{check}", "Keys that the auditor compared with the source, by how soon every tier agreed.");
        meter.CreateObservableUpDownCounter("millpond.audit.suspects", () => OfKeyspaces<long>(one => one.Keyspace.Audit is { } audit ? [new(audit.Tally.Suspects, one.Tags.Own)] : []), "{key}", "Keys that differed from the source and are followed.");
        meter.CreateObservableGauge("millpond.feed.lag", () => OfFeeds<double>(feed => feed.Lag?.TotalSeconds), "s", "How long ago everything had been applied that was committed by then, where this process follows the feed.");
        meter.CreateObservableGauge("millpond.feed.following", () => OfFeeds<long>(feed => feed.State is Feeds.FeedState.Following or Feeds.FeedState.CutOff ? 1 : 0), "1", "1 in the process that follows the feed.");
        meter.CreateObservableUpDownCounter("millpond.write_behind.records", () => OfWriteBehind<long>(one => one.Records), "{record}", "Journaled writes that are not in the source yet.");
        meter.CreateObservableUpDownCounter("millpond.write_behind.untold", () => OfWriteBehind<long>(one => one.Untold), "{record}", "Flushed writes that stay in the journal until the shared tier has been told of them.");
        meter.CreateObservableUpDownCounter("millpond.write_behind.bytes", () => OfWriteBehind<long>(one => one.Bytes), "By", "What the journal holds for the source, dead letters included.");
        meter.CreateObservableGauge("millpond.write_behind.lag", () => OfWriteBehind<double>(one => one.Lag?.TotalSeconds ?? 0), "s", "How old the oldest journaled write is that is not in the source yet.");
        meter.CreateObservableUpDownCounter("millpond.write_behind.dead_letters", () => OfWriteBehind<long>(one => one.DeadLetters), "{record}", "Journaled writes that the source refused, and those that wait behind them.");
        meter.CreateObservableCounter("millpond.write_behind.refused", () => OfWriteBehind<long>(one => one.Refused), "{write}", "Writes that the journal did not take.");
        meter.CreateObservableCounter("millpond.write_behind.failures", () => OfWriteBehind<long>(one => one.Failures), "{attempt}", "Attempts to flush that failed and were made again.");
        meter.CreateObservableGauge("millpond.shared.breaker", () => OfGuarded(one => one.Max(guard => (int)guard.State)), "1", "0 while the shared tier is used, 1 while it is tried, 2 while it is left alone; the worst of a keyspace's partitions.");
        meter.CreateObservableGauge("millpond.shared.timeout", () => OfGuarded(one => one.Max(guard => guard.Timeout.TotalSeconds)), "s", "How long readers wait for the shared tier now; the longest of a keyspace's partitions.");
        meter.CreateObservableCounter("millpond.shared.passed_by", () => OfGuarded(one => one.Sum(guard => guard.Skipped)), "{read}", "Reads that went past the shared tier to the source, because it was left alone.");
        meter.CreateObservableCounter("millpond.hot_keys.paced", () => OfEach(one => one.Keyspace.Counters.Paced.Value), "{ask}", "Asks that waited because the shared tier is asked for a hot key only so often.");
        meter.CreateObservableGauge("millpond.shared.skew", () => OfKeyspaces<double>(one => [new(one.Keyspace.SharedSkew, one.Tags.Own)]), "1", "What the busiest partition of the shared tier was asked in the last second, to the mean of all.");
        meter.CreateObservableCounter("millpond.copied", () => OfEach(one => one.Keyspace.Counters.Copied.Value), "{key}", "Keys that were copied from a warm side instead of loaded.");
        meter.CreateObservableCounter("millpond.warm_up.keys", () => OfKeyspaces(WarmUpKeys), "{key}", "Keys that warm-up has read, by what became of them.");
        meter.CreateObservableGauge("millpond.warm_up.running", () => OfKeyspaces(WarmUpRunning), "1", "1 while a keyspace waits for its warm-up or is at it, 0 afterwards.");
        meter.CreateObservableUpDownCounter("millpond.source.inside", () => OfSources(source => source.Inside), "{load}", "Loads under way at a source.");
        meter.CreateObservableUpDownCounter("millpond.source.waiting", () => OfSources(source => source.Waiting), "{load}", "Loads that wait for a place at a source.");
        meter.CreateObservableGauge("millpond.source.limit", () => OfSources(source => source.Limit), "{load}", "How many loads a source is let have at once now.");
        meter.CreateObservableGauge("millpond.source.breaker", () => OfSources(source => (int)source.Breaker), "1", "0 while a source is used, 1 while it is tried, 2 while it is left alone.");
    }

    private IEnumerable<Measurement<T>> OfFeeds<T>(Func<FeedStatistics, T?> measure)
        where T : struct =>
        from cache in Volatile.Read(ref _caches)
        from feed in cache.Feeds()
        let measured = measure(feed)
        where measured.HasValue
        select new Measurement<T>(measured.Value, new Tag(TagNames.Cache, cache.Name), new Tag(TagNames.Feed, feed.Name));

    private IEnumerable<Measurement<T>> OfWriteBehind<T>(Func<WriteBehindStatistics, T> measure)
        where T : struct =>
        from cache in Volatile.Read(ref _caches)
        from one in cache.WriteBehind()
        select new Measurement<T>(measure(one), new Tag(TagNames.Cache, cache.Name), new Tag(TagNames.Keyspace, one.Keyspace));

    public IReadOnlyList<ObservedCache> Caches => Volatile.Read(ref _caches);

    public void Add(ObservedCache cache)
    {
        lock (_gate)
        {
            _caches = [.. _caches, cache];
        }
    }

    public void Remove(ObservedCache cache)
    {
        lock (_gate)
        {
            _caches = [.. _caches.Where(one => one != cache)];
        }
    }

    private static IEnumerable<Measurement<long>> Hits(ObservedKeyspace one) =>
        from kind in HitKinds
        where kind.Tier == ReadOrigin.Local || one.SharedTierHoldsValues
        select new Measurement<long>(
            one.Keyspace.Counters.Hits(kind.Tier, kind.Negative, kind.Stale),
            one.Tags.And(
                new Tag(TagNames.Tier, TagNames.Snake(kind.Tier)), new Tag(TagNames.Freshness, kind.Stale ? "stale" : "fresh"), new Tag(TagNames.Negative, kind.Negative)));

    private static IEnumerable<Measurement<long>> Misses(ObservedKeyspace one)
    {
        yield return new(one.Keyspace.Counters.Misses.Value, one.Tags.Tier(ReadOrigin.Local));
        if (one.SharedTierHoldsValues)
        {
            yield return new(one.Keyspace.Counters.SharedMisses.Value, one.Tags.Tier(ReadOrigin.Shared));
        }
    }

    private static IEnumerable<Measurement<double>> CoalescedWait(ObservedKeyspace one) =>
        [new(TimeSpan.FromTicks(one.Keyspace.Counters.CoalescedWait.Value).TotalSeconds, one.Tags.Own)];

    private static IEnumerable<Measurement<double>> AgeAtEviction(ObservedKeyspace one) =>
        one.Keyspace.AgeAtEviction is { } age ? [new(age.TotalSeconds, one.Tags.Own)] : [];

    private static IEnumerable<Measurement<long>> WarmUpKeys(ObservedKeyspace one) => one.Keyspace.WarmUp?.Statistics is not { } figures ? [] :
        from result in new (string Name, long Keys)[] { ("held", figures.Held), ("shared", figures.FromShared), ("loaded", figures.Loaded), ("missing", figures.Missing), ("failed", figures.Failed) }
        select new Measurement<long>(result.Keys, one.Tags.And(new Tag(TagNames.Result, result.Name)));

    private static IEnumerable<Measurement<long>> WarmUpRunning(ObservedKeyspace one) =>
        one.Keyspace.WarmUp?.Statistics is { } figures ? [new(figures.State is WarmUpState.Waiting or WarmUpState.Running ? 1 : 0, one.Tags.Own)] : [];

    private static IEnumerable<Measurement<long>> Audits(ObservedKeyspace one) => one.Keyspace.Audit is not { Tally: var tally } ? [] :
    [
        .. AuditTally.Looks.Select((_, look) => new Measurement<long>(tally.Agreed(look), one.Tags.And(new Tag(TagNames.Result, AuditResults[look])))),
        new(tally.Inconsistent, one.Tags.And(new Tag(TagNames.Result, "inconsistent"))),
        new(tally.Unknown, one.Tags.And(new Tag(TagNames.Result, "unknown"))),
    ];

    private static IEnumerable<Measurement<double>> HotShare(ObservedKeyspace one) => [new(one.Keyspace.HotKeysNow.Share, one.Tags.Own)];

    /// <summary>One measurement for each member but the one that stands for nothing.</summary>
    private static IEnumerable<Measurement<long>> Each<T>(ObservedKeyspace one, string name, Func<T, long> count)
        where T : struct, Enum =>
        from member in Enum.GetValues<T>()
        let text = TagNames.Snake(member)
        where text != "none"
        select new Measurement<long>(count(member), one.Tags.And(new Tag(name, text)));

    private IEnumerable<Measurement<long>> OfEach(Func<ObservedKeyspace, long> measure) =>
        OfKeyspaces<long>(one => [new(measure(one), one.Tags.Own)]);

    private IEnumerable<Measurement<T>> OfKeyspaces<T>(Func<ObservedKeyspace, IEnumerable<Measurement<T>>> measure)
        where T : struct => Volatile.Read(ref _caches).SelectMany(cache => cache.Keyspaces).SelectMany(measure);

    private IEnumerable<Measurement<T>> OfGuarded<T>(Func<IReadOnlyList<PartitionGuard>, T> measure)
        where T : struct => OfKeyspaces<T>(one => one.Keyspace.Guards.Count == 0 ? [] : [new(measure(one.Keyspace.Guards), one.Tags.Own)]);

    private IEnumerable<Measurement<long>> OfSources(Func<Loading.SourceGuard, int> measure) =>
        from cache in Volatile.Read(ref _caches)
        from source in cache.Sources
        select new Measurement<long>(measure(source.Value), new Tag(TagNames.Cache, cache.Name), new Tag(TagNames.Source, source.Key));
}

/// <summary>A cache as the meter and the health check see it.</summary>
internal sealed record ObservedCache(string Name, Shared.ISharedTier Tier, IReadOnlyList<ObservedKeyspace> Keyspaces, IReadOnlyDictionary<string, Loading.SourceGuard> Sources, Func<IReadOnlyList<FeedStatistics>> Feeds, Func<IReadOnlyList<WriteBehindStatistics>> WriteBehind);

/// <summary>A keyspace as the meter sees it.</summary>
internal sealed record ObservedKeyspace(IKeyspaceHandle Keyspace, KeyspaceTags Tags, bool SharedTierHoldsValues);
