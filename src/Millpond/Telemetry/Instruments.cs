using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Telemetry;

/// <summary>
/// The instruments of the meter <c>Millpond</c>: one set for all caches of a service provider, told apart by tags. What happens often is counted by the
/// keyspaces themselves and observed; the rest is recorded as it happens. docs/guide/observability.md has the table.
/// </summary>
internal sealed class Instruments : IDisposable
{
    public const string MeterName = "Millpond";

    // A local hit takes tens of nanoseconds to a few microseconds; 100 ns is what the clock of the seam resolves.
    private static readonly double[] HitSeconds = [1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, 1e-2];

    // From an answer of a shared tier nearby to a source that is all but dead.
    private static readonly double[] MissSeconds = [5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    // Ages follow times to live: seconds to a week.
    private static readonly double[] AgeSeconds = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600, 12 * 3600, 86400, 7 * 86400];

    private readonly Meter _meter;
    private readonly Observations _observations;

    public Instruments(IServiceProvider services)
    {
        var options = new MeterOptions(MeterName) { Version = typeof(Instruments).Assembly.GetName().Version?.ToString(3) };
        var factory = services.GetService<IMeterFactory>();
        _meter = factory?.Create(options) ?? new Meter(options);
        HitDuration = Seconds("millpond.hit.duration", "How long hits in this process take; one in 1024 is timed.", HitSeconds);
        MissDuration = Seconds("millpond.miss.duration", "How long callers wait for what this process did not hold.", MissSeconds);
        LoadDuration = Seconds("millpond.load.duration", "How long loaders take, without waiting for a place at the source.", MissSeconds);
        WriteDuration = Seconds("millpond.write.duration", "How long writers take.", MissSeconds);
        ServeAge = Seconds("millpond.serve.age", "How old values are when they are served; of hits in this process one in 1024 is noted.", AgeSeconds);
        Loads = Counter("millpond.loads", "{load}", "Calls of loaders.");
        LoadedKeys = Counter("millpond.load.keys", "{key}", "Keys that loads ended for, found or missing.");
        LoadFailures = Counter("millpond.load.failures", "{load}", "Loads that failed, were late, or got no place at the source.");
        LoadsShed = Counter("millpond.loads.shed", "{load}", "Loads that were not let to their source.");
        LoadsRetried = Counter("millpond.loads.retried", "{load}", "Loads that failed and were tried again.");
        BreakerEvents = Counter("millpond.source.breaker.events", "{event}", "Changes of how a source's breaker stands.");
        SharedBreakerEvents = Counter("millpond.shared.breaker.events", "{event}", "Changes of how the breaker of a partition of the shared tier stands.");
        Changes = Counter("millpond.changes", "{change}", "Invalidations, by this process or heard from another.");
        FillsRefused = Counter("millpond.fills.refused", "{fill}", "Loaded values that were not stored because something newer had happened.");
        SharedFailures = Counter("millpond.shared.failures", "{operation}", "Operations that the shared tier failed.");
        RecordsUnreadable = Counter("millpond.records.unreadable", "{record}", "Records of the shared tier that could not be read; treated as absent.");
        ValuesNotStored = Counter("millpond.values.not_stored", "{value}", "Values that were served but could not be stored.");
        HotKeysFound = Counter("millpond.hot_keys.found", "{key}", "Keys that became hot.");
        FeedTransactions = Counter("millpond.feed.transactions", "{transaction}", "Transactions that change feeds told and that were applied.");
        FeedRows = Counter("millpond.feed.rows", "{row}", "Rows in them.");
        FeedChanges = Counter("millpond.feed.changes", "{change}", "Keys, tags and keyspaces that they changed.");
        FeedDoubts = Counter("millpond.feed.doubts", "{doubt}", "Times that a change feed did not know something, so that what it concerned became soft-stale.");
        FeedApplyDuration = Seconds("millpond.feed.apply.duration", "From when a change feed told a transaction until the shared tier had acknowledged it.", MissSeconds);
        FeedCommitToShared = Seconds("millpond.feed.commit_to_shared", "From the commit, by the source's clock, until the shared tier had acknowledged it, by this one's.", MissSeconds);
        FeedCommitToLocal = Seconds("millpond.feed.commit_to_local", "From the commit, by the source's clock, until the local tier of the following process had let go of it.", MissSeconds);
        FlushedRecords = Counter("millpond.write_behind.flushed", "{record}", "Journaled writes that were brought to the source.");
        FlushedItems = Counter("millpond.write_behind.items", "{item}", "What they were merged into: at most one for each key of a batch.");
        FlushDuration = Seconds("millpond.write_behind.flush.duration", "How long the source took for a batch.", MissSeconds);
        ChannelEvents = Counter("millpond.channel.events", "{event}", "What happened to push channels.");
        _observations = new Observations(_meter);
    }

    public Histogram<double> HitDuration { get; }

    public Histogram<double> MissDuration { get; }

    public Histogram<double> LoadDuration { get; }

    public Histogram<double> WriteDuration { get; }

    public Histogram<double> ServeAge { get; }

    public Counter<long> Loads { get; }

    public Counter<long> LoadedKeys { get; }

    public Counter<long> LoadFailures { get; }

    public Counter<long> LoadsShed { get; }

    public Counter<long> LoadsRetried { get; }

    public Counter<long> BreakerEvents { get; }

    public Counter<long> SharedBreakerEvents { get; }

    public Counter<long> Changes { get; }

    public Counter<long> FillsRefused { get; }

    public Counter<long> SharedFailures { get; }

    public Counter<long> RecordsUnreadable { get; }

    public Counter<long> ValuesNotStored { get; }

    public Counter<long> HotKeysFound { get; }

    public Counter<long> ChannelEvents { get; }

    public Counter<long> FlushedRecords { get; }

    public Counter<long> FlushedItems { get; }

    public Histogram<double> FlushDuration { get; }

    public Counter<long> FeedTransactions { get; }

    public Counter<long> FeedRows { get; }

    public Counter<long> FeedChanges { get; }

    public Counter<long> FeedDoubts { get; }

    public Histogram<double> FeedApplyDuration { get; }

    public Histogram<double> FeedCommitToShared { get; }

    public Histogram<double> FeedCommitToLocal { get; }

    /// <summary>The caches of this process that have been built and not disposed.</summary>
    public IReadOnlyList<ObservedCache> Caches => _observations.Caches;

    /// <summary>From now on what this cache counts is observed.</summary>
    public void Observe(ObservedCache cache) => _observations.Add(cache);

    public void Forget(ObservedCache cache) => _observations.Remove(cache);

    /// <summary>Ends a meter of our own; a factory's meter is the factory's, and for it this does nothing.</summary>
    public void Dispose() => _meter.Dispose();

    private Histogram<double> Seconds(string name, string description, double[] bounds) =>
        _meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private Counter<long> Counter(string name, string unit, string description) => _meter.CreateCounter<long>(name, unit, description);
}
