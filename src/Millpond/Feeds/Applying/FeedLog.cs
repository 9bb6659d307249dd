using Millpond.Events;
using Millpond.Runtime;

namespace Millpond.Feeds.Applying;

/// <summary>What a feed has done and how it stands: counts, and events for whoever listens.</summary>
internal sealed class FeedLog(string feed, CacheListener listener, Surroundings surroundings)
{
    private readonly Lock _gate = new();
    private long _transactions;
    private long _rows;
    private long _changes;
    private long _doubts;
    private FeedState _state = FeedState.Connecting;
    private string _detail = "not started yet.";
    private FeedDoubt? _lastDoubt;
    private FeedPosition? _confirmed;
    private long? _asOf;
    private bool _isAway;

    public string Feed => feed;

    public void OnState(FeedState state, string detail)
    {
        bool isNews;
        lock (_gate)
        {
            isNews = _state != state || _detail != detail;
            (_state, _detail) = (state, detail);
        }

        if (isNews)
        {
            listener.On(new FeedStateChanged(feed, state, detail, null));
        }
    }

    /// <summary>The run ended, or could not begin.</summary>
    public void OnBroken(Exception failure)
    {
        lock (_gate)
        {
            (_state, _detail) = (FeedState.Failing, failure.Message);
        }

        listener.On(new FeedStateChanged(feed, FeedState.Failing, failure.Message, failure));
    }

    /// <summary>Something could not be applied, and not because the shared tier is away.</summary>
    public void OnFailed(Exception failure) => listener.On(new FeedStateChanged(feed, FeedState.Failing, "what it told could not be applied and is tried again.", failure));

    /// <summary>The shared tier could be asked about confirmations again, or cannot; said once, since it is asked again until it answers.</summary>
    public void OnShared(Exception? away)
    {
        bool isNews;
        lock (_gate)
        {
            isNews = _isAway != (away is not null);
            _isAway = away is not null;
        }

        if (isNews && away is not null)
        {
            listener.On(new FeedStateChanged(feed, FeedState.Failing, "what it told waits for the shared tier's word.", away));
        }
    }

    public void OnDoubt(FeedDoubt doubt)
    {
        lock (_gate)
        {
            _doubts++;
            _lastDoubt = doubt;
        }

        listener.On(new FeedDoubted(feed, doubt));
    }

    public void OnApplied(ToApply batch, bool isDeferred)
    {
        if (batch.Transactions == 0)
        {
            return;
        }

        var changes = batch.Changes.Count;
        lock (_gate)
        {
            _transactions += batch.Transactions;
            _rows += batch.Rows;
            _changes += changes;
        }

        // Two machines' clocks, so this one figure is as good as they agree; nothing is decided by it.
        var sinceCommit = batch.CommittedAt is { } at ? Math.Max(0, (surroundings.Time.GetUtcNow() - at).Ticks) : -1;
        listener.On(new FeedApplied(feed, batch.Transactions, batch.Rows, changes, surroundings.Now - batch.ReceivedAt, sinceCommit, isDeferred));
    }

    public void OnConfirmed(FeedPosition position, long? asOf)
    {
        lock (_gate)
        {
            (_confirmed, _asOf) = (position, asOf ?? _asOf);
        }
    }

    public FeedStatistics Statistics()
    {
        lock (_gate)
        {
            return new FeedStatistics
            {
                Name = feed,
                State = _state,
                Detail = _detail,
                Transactions = _transactions,
                Rows = _rows,
                Changes = _changes,
                Doubts = _doubts,
                LastDoubt = _lastDoubt?.Detail,
                Confirmed = _confirmed?.ToString(),
                Lag = _asOf is { } then ? TimeSpan.FromTicks(surroundings.Now - then) : null,
            };
        }
    }
}
