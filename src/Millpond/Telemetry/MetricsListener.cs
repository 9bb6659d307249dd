using System.Diagnostics;
using System.Diagnostics.Metrics;
using Millpond.Events;

namespace Millpond.Telemetry;

/// <summary>Turns events into measurements. Asks each instrument first whether anybody listens.</summary>
internal sealed class MetricsListener(Instruments instruments, KeyspaceNames keyspaces) : CacheListener
{
    public override object? OnLoadBegins(in LoadBegins e)
    {
        Add(instruments.Loads, 1, keyspaces[e.Keyspace].Own);
        return null;
    }

    public override void OnLoadEnded(in LoadEnded e, object? begun)
    {
        var tags = keyspaces[e.Keyspace];
        Add(instruments.LoadedKeys, e.Found, tags.Found);
        Add(instruments.LoadedKeys, e.Keys - e.Found, tags.Missing);
        if (e.Failure is null)
        {
            Record(instruments.LoadDuration, e.Time, tags.Own);
            return;
        }

        Record(instruments.LoadDuration, e.Time, tags, e.Failure);
        if (!e.Cancelled)
        {
            CountFailure(tags, e.Failure);
        }
    }

    public override void On(in LoadGivenUp e) => CountFailure(keyspaces[e.Keyspace], e.Failure);

    public override void On(in LoadShed e)
    {
        if (instruments.LoadsShed.Enabled)
        {
            instruments.LoadsShed.Add(1, new TagList(keyspaces[e.Keyspace].Own.AsSpan())
            {
                { TagNames.Source, e.Source },
                { TagNames.Reason, TagNames.Snake(e.Reason) },
                { TagNames.Priority, TagNames.Snake(e.Priority) },
            });
        }
    }

    public override void On(in LoadRetried e) => Add(instruments.LoadsRetried, 1, keyspaces[e.Keyspace].Own);

    public override void On(in SourceBreakerChanged e)
    {
        if (instruments.BreakerEvents.Enabled)
        {
            instruments.BreakerEvents.Add(1, new(TagNames.Cache, keyspaces.Cache), new(TagNames.Source, e.Source), new(TagNames.State, TagNames.Snake(e.State)));
        }
    }

    public override void On(in SharedTierBreakerChanged e)
    {
        if (instruments.SharedBreakerEvents.Enabled)
        {
            instruments.SharedBreakerEvents.Add(1, [.. keyspaces[e.Partition.Keyspace].Own, new(TagNames.State, TagNames.Snake(e.State))]);
        }
    }

    public override void OnWriteEnded(in WriteEnded e, object? begun)
    {
        var tags = keyspaces[e.Keyspace];
        if (e.Failure is null)
        {
            Record(instruments.WriteDuration, e.Time, tags.Written(e.Result ?? WriteResultKind.Written));
        }
        else
        {
            Record(instruments.WriteDuration, e.Time, tags, e.Failure);
        }
    }

    public override bool HearsMisses => instruments.MissDuration.Enabled || instruments.ServeAge.Enabled;

    public override void On(in MissAnswered e)
    {
        var tags = keyspaces[e.Keyspace].Tier(e.Origin);
        Record(instruments.MissDuration, e.Waited, tags);
        if (e.Age >= 0)
        {
            Record(instruments.ServeAge, e.Age, tags);
        }
    }

    public override void On(in MissFailed e) => Record(instruments.MissDuration, e.Waited, keyspaces[e.Keyspace], e.Failure);

    public override void On(in HitSampled e)
    {
        var tags = keyspaces[e.Keyspace].Tier(ReadOrigin.Local);
        Record(instruments.HitDuration, e.Took, tags);
        Record(instruments.ServeAge, e.Age, tags);
    }

    public override void On(in FillRefused e) => Add(instruments.FillsRefused, 1, keyspaces[e.Keyspace].Refused(e.Outcome));

    public override void On(in Changed e) => Add(instruments.Changes, e.Count, keyspaces[e.Keyspace].Change(e.Kind, e.Origin));

    public override void On(in SharedTierFailed e) => Add(instruments.SharedFailures, 1, keyspaces[e.Keyspace].Operation(e.Operation));

    public override void On(in RecordUnreadable e) => Add(instruments.RecordsUnreadable, 1, keyspaces[e.Keyspace].Own);

    public override void On(in ValueNotStored e) => Add(instruments.ValuesNotStored, 1, keyspaces[e.Keyspace].Own);

    public override void On(in HotKeyFound e) => Add(instruments.HotKeysFound, 1, keyspaces[e.Keyspace].Own);

    public override void On(in ChannelEvent e) => Add(instruments.ChannelEvents, 1, keyspaces[e.Partition.Keyspace].Channel(e.Kind));

    public override void On(in FeedApplied e)
    {
        var tags = keyspaces.OfFeed(e.Feed);
        Add(instruments.FeedTransactions, e.Transactions, tags);
        Add(instruments.FeedRows, e.Rows, tags);
        Add(instruments.FeedChanges, e.Changes, tags);
        if (e.IsDeferred)
        {
            return;
        }

        Record(instruments.FeedApplyDuration, e.Took, tags);
        if (e.SinceCommit >= 0)
        {
            Record(instruments.FeedCommitToShared, e.SinceCommit, tags);
            Record(instruments.FeedCommitToLocal, Math.Max(0, e.SinceCommit - e.Took), tags);
        }
    }

    public override void On(in Flushed e)
    {
        var tags = keyspaces.OfWriteBehind(e.Keyspace);
        Add(instruments.FlushedRecords, e.Records, tags);
        Add(instruments.FlushedItems, e.Items, tags);
        Record(instruments.FlushDuration, e.Took, tags);
    }

    public override void On(in FeedDoubted e) => Add(instruments.FeedDoubts, 1, [.. keyspaces.OfFeed(e.Feed), new(TagNames.Reason, TagNames.Snake(e.Doubt.Reason))]);

    /// <summary>A change is deferred because telling it failed, and nothing else reports that failure.</summary>
    public override void On(in ChangeDeferred e)
    {
        if (e.Failure is not null)
        {
            Add(instruments.SharedFailures, 1, keyspaces[e.Partition.Keyspace].Operation("change"));
        }
    }

    private static void Add(Counter<long> counter, long n, KeyValuePair<string, object?>[] tags)
    {
        if (n > 0 && counter.Enabled)
        {
            counter.Add(n, tags.AsSpan());
        }
    }

    private static void Record(Histogram<double> histogram, long ticks, KeyValuePair<string, object?>[] tags)
    {
        if (histogram.Enabled)
        {
            histogram.Record(Seconds(ticks), tags.AsSpan());
        }
    }

    private static void Record(Histogram<double> histogram, long ticks, KeyspaceTags tags, Exception failure)
    {
        if (histogram.Enabled)
        {
            histogram.Record(Seconds(ticks), WithError(tags, failure));
        }
    }

    private static double Seconds(long ticks) => (double)ticks / TimeSpan.TicksPerSecond;

    private static TagList WithError(KeyspaceTags tags, Exception failure) =>
        new(tags.Own.AsSpan()) { { TagNames.ErrorType, TagNames.ErrorTypeOf(failure) } };

    private void CountFailure(KeyspaceTags tags, Exception failure)
    {
        if (instruments.LoadFailures.Enabled)
        {
            instruments.LoadFailures.Add(1, WithError(tags, failure));
        }
    }
}
