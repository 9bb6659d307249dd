using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Millpond.Events;
using Millpond.Overload;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Telemetry;

/// <summary>Turns events into log lines, few enough to be read during an outage.</summary>
internal sealed class LogListener : CacheListener, IDisposable
{
    private readonly ILogger _log;
    private readonly KeyspaceNames _names;
    private readonly RepeatedLog<(Repeated Kind, string Keyspace, string Operation)> _repeated;
    private readonly ConcurrentDictionary<PartitionId, bool> _broken = new();
    private readonly ConcurrentDictionary<PartitionId, bool> _away = new();

    public LogListener(ILogger log, KeyspaceNames names, Surroundings surroundings)
    {
        _log = log;
        _names = names;
        _repeated = new(surroundings, (of, count, window) => Summarize(of.Kind, of.Keyspace, of.Operation, count, window.TotalSeconds));
    }

    private enum Repeated
    {
        SharedTierFailed,
        ValueNotStored,
        RecordUnreadable,
        ChangeDeferred,
        HotKeyFound,
        LoadShed,
        FeedDoubted,
    }

    public override bool HearsMisses => false;

    public override void On(in CacheStarted e)
    {
        var tier = e.Capabilities;
        if (e.Failure is not null)
        {
            _log.StartedWithout(e.Failure, _names.Cache, tier.Product);
            return;
        }

        _log.Started(_names.Cache, tier.Product, tier.HoldsValues, tier.PushIsLossless, tier.PartitionsPerKeyspace, e.Keyspaces, e.LocalBytesMax);
        foreach (var shortfall in tier.Shortfalls)
        {
            _log.Shortfall(_names.Cache, tier.Product, shortfall);
        }
    }

    public override void On(in LocalBudgetChanged e)
    {
        if (e.BytesMax < e.Configured)
        {
            _log.LocalBudgetBelow(_names.Cache, e.BytesMax, e.Configured);
        }
        else
        {
            _log.LocalBudgetWhole(_names.Cache, e.BytesMax);
        }
    }

    public override void On(in ChannelEvent e)
    {
        switch (e.Kind)
        {
            case ChannelEventKind.Broken:
                _broken[e.Partition] = true;
                _log.ChannelBroken(_names.Cache, e.Partition, e.Detail);
                break;
            case ChannelEventKind.Restored when _broken.TryRemove(e.Partition, out _):
                _log.ChannelRestored(_names.Cache, e.Partition, e.Detail);
                break;
            case ChannelEventKind.Restored:
                _log.ChannelUp(_names.Cache, e.Partition, e.Detail);
                break;
            case ChannelEventKind.GapClosed:
                _log.GapClosed(_names.Cache, e.Partition, e.Detail);
                break;
            case ChannelEventKind.Lost:
                _log.ChannelLost(_names.Cache, e.Partition, e.Detail);
                break;
            case ChannelEventKind.OtherIncarnation:
                _log.OtherIncarnation(_names.Cache, e.Partition, e.Detail);
                break;
        }
    }

    public override void On(in SharedTierFailed e)
    {
        if (IsFirst(Repeated.SharedTierFailed, e.Keyspace, e.Operation, out var keyspace))
        {
            _log.SharedTierFailed(e.Failure, _names.Cache, keyspace, e.Operation);
        }
    }

    public override void On(in ValueNotStored e)
    {
        if (IsFirst(Repeated.ValueNotStored, e.Keyspace, "", out var keyspace))
        {
            _log.ValueNotStored(e.Failure, _names.Cache, keyspace);
        }
    }

    public override void On(in RecordUnreadable e)
    {
        if (IsFirst(Repeated.RecordUnreadable, e.Keyspace, "", out var keyspace))
        {
            _log.RecordUnreadable(e.Failure, _names.Cache, keyspace);
        }
    }

    public override void On(in ChangeDeferred e)
    {
        if (e.Failure is null)
        {
            _log.ChangesTold(_names.Cache, _names[e.Partition.Keyspace].Keyspace);
        }
        else if (IsFirst(Repeated.ChangeDeferred, e.Partition.Keyspace, "", out var keyspace))
        {
            _log.ChangeDeferred(e.Failure, _names.Cache, keyspace, e.Waiting);
        }
    }

    public override void On(in HotKeyFound e)
    {
        if (IsFirst(Repeated.HotKeyFound, e.Keyspace, "", out var keyspace))
        {
            _log.HotKeyFound(_names.Cache, keyspace, e.ReadsPerSecond, e.Share);
        }
    }

    public override void On(in InconsistencyFound e) => _log.InconsistencyFound(_names.Cache, _names[e.Keyspace].Keyspace, TimeSpan.FromTicks(e.For).TotalSeconds, e.Tiers);

    public override void On(in ShardsSkewed e) => _log.ShardsSkewed(_names.Cache, _names[e.Keyspace].Keyspace, e.Skew, e.AsksPerSecond);

    public override void On(in FeedStateChanged e)
    {
        if (e.Failure is null)
        {
            _log.FeedState(e.State == Feeds.FeedState.CutOff ? LogLevel.Warning : LogLevel.Information, _names.Cache, e.Feed, e.State, e.Detail);
        }
        else
        {
            _log.FeedFailed(e.Failure, _names.Cache, e.Feed);
        }
    }

    public override void On(in FeedDoubted e)
    {
        // The feed's name in the keyspace's place; no two kinds of repeated lines meet.
        if (_repeated.IsFirst((Repeated.FeedDoubted, e.Feed, e.Doubt.Reason.ToString())))
        {
            _log.FeedDoubted(e.Doubt.Reason == Feeds.FeedDoubtReason.Beginning ? LogLevel.Information : LogLevel.Error, e.Doubt.Failure, _names.Cache, e.Feed, e.Doubt.Reason, e.Doubt.Table ?? "any", e.Doubt.Detail);
        }
    }

    public override void On(in ConfigurationApplied e) => _log.ConfigurationApplied(_names.Cache);

    public override void On(in ConfigurationRefused e) => _log.ConfigurationRefused(e.Failure, _names.Cache);

    public override void On(in LoadGivenUp e) => _log.LoadFailed(e.Failure, _names.Cache, e.Keyspace);

    public override void On(in LoadShed e)
    {
        var reason = TagNames.Snake(e.Reason);
        if (IsFirst(Repeated.LoadShed, e.Keyspace, reason, out var keyspace))
        {
            _log.LoadShed(_names.Cache, keyspace, e.Source, reason, TagNames.Snake(e.Priority));
        }
    }

    public override void On(in SourceBreakerChanged e)
    {
        switch (e.State)
        {
            case BreakerState.Open:
                _log.SourceLeftAlone(_names.Cache, e.Source);
                break;
            case BreakerState.HalfOpen:
                _log.SourceTried(_names.Cache, e.Source);
                break;
            default:
                _log.SourceUsedAgain(_names.Cache, e.Source);
                break;
        }
    }

    /// <summary>Tried in vain once a second, it would be two lines a second; so from whole to left alone, and back, are said alone.</summary>
    public override void On(in SharedTierBreakerChanged e)
    {
        if (e.State == BreakerState.Open && _away.TryAdd(e.Partition, true))
        {
            _log.SharedTierLeftAlone(_names.Cache, e.Partition);
        }
        else if (e.State == BreakerState.Closed && _away.TryRemove(e.Partition, out _))
        {
            _log.SharedTierUsedAgain(_names.Cache, e.Partition);
        }
    }

    public override void OnLoadEnded(in LoadEnded e, object? begun)
    {
        if (e.Failure is not null && !e.Cancelled)
        {
            _log.LoadFailed(e.Failure, _names.Cache, e.Keyspace);
        }
    }

    public void Dispose() => _repeated.Dispose();

    private bool IsFirst(Repeated kind, string name, string operation, out string keyspace)
    {
        keyspace = _names[name].Keyspace;
        return _log.IsEnabled(LogLevel.Warning) && _repeated.IsFirst((kind, keyspace, operation));
    }

    private void Summarize(Repeated kind, string keyspace, string operation, int count, double seconds)
    {
        switch (kind)
        {
            case Repeated.SharedTierFailed:
                _log.SharedTierFailedAgain(_names.Cache, keyspace, operation, count, seconds);
                break;
            case Repeated.ValueNotStored:
                _log.ValuesNotStored(_names.Cache, keyspace, count, seconds);
                break;
            case Repeated.RecordUnreadable:
                _log.RecordsUnreadable(_names.Cache, keyspace, count, seconds);
                break;
            case Repeated.FeedDoubted:
                _log.FeedDoubtedAgain(_names.Cache, keyspace, count, seconds);
                break;
            case Repeated.ChangeDeferred:
                _log.ChangesDeferred(_names.Cache, keyspace, count, seconds);
                break;
            case Repeated.HotKeyFound:
                _log.HotKeysFound(_names.Cache, keyspace, count, seconds);
                break;
            case Repeated.LoadShed:
                _log.LoadsShed(_names.Cache, keyspace, operation, count, seconds);
                break;
        }
    }
}
