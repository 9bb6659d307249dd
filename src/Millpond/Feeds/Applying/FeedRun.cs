using Millpond.Runtime;

namespace Millpond.Feeds.Applying;

/// <summary>
/// One run of a feed: collects what it tells, applies it by the invalidate road, and confirms.
/// </summary>
/// <remarks>
/// <para>
/// A transaction is applied as soon as it is handed over, together with whatever else came while the application before was under way; so a slow shared tier makes larger batches and no
/// queue. Changes carry no values, so their order does not matter, and telling one twice costs a miss.
/// </para>
/// <para>
/// What reads may not show yet is applied at once and again when it is visible (decision 18): a load that took its lease after the first application and read the row from before is
/// undone by the second. A position is final when everything up to it has been applied by an application that began after it was visible, and the shared tier has acknowledged that one. Only then is it
/// confirmed.
/// </para>
/// <para>The sink's methods are called by the feed's thread; the application runs wherever the shared tier resumes. What both touch is under the gate.</para>
/// </remarks>
internal sealed class FeedRun : IFeedSink
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly FeedLog _log;
    private readonly RuleBook _rules;
    private readonly Surroundings _surroundings;
    private readonly CancellationToken _lifetime;
    private readonly Lock _gate = new();
    private readonly Unseen _unseen;
    private readonly Confirming _confirming;
    private readonly Waypoints _waypoints = new();
    private ToApply _next;
    private bool _applies;

    // Made anew for each transaction they would be most of what a feed allocates.
    private FeedTransaction? _spare;
    private ToApply? _spareBatch;

    public FeedRun(FeedLog log, RuleBook rules, FeedLives lives, Surroundings surroundings, CancellationToken lifetime)
    {
        (_log, _rules, _surroundings, _lifetime) = (log, rules, surroundings, lifetime);
        _confirming = new Confirming(log, lives, Doubt, _waypoints, surroundings, lifetime);
        _unseen = new Unseen(rules);
        _next = new ToApply(rules);
    }

    public IReadOnlyList<FeedTable> Tables => _rules.Tables;

    public FeedPosition? Confirmed => _confirming.Confirmed;

    public Task WhenConfirmedAsync(FeedPosition position) => _confirming.WhenAsync(position);

    public void OnState(FeedState state, string detail) => _log.OnState(state, detail);

    public void StartAt(FeedPosition position, string history) => _confirming.StartAt(new FeedStart(position, history));

    public IFeedTransaction Begin() => Interlocked.Exchange(ref _spare, null) ?? new FeedTransaction(_rules, _log.OnDoubt);

    public void Commit(IFeedTransaction transaction, in FeedCommit commit)
    {
        var own = (FeedTransaction)transaction;
        lock (_gate)
        {
            _next.Add(own, commit, _surroundings.Now);
            if (commit.IsVisible && _unseen.IsEmpty)
            {
                _next.Final = commit.Position;
            }
            else
            {
                _unseen.Add(commit.Position, commit.IsVisible ? null : own.Changes, null);
            }
        }

        if (commit.IsVisible)
        {
            // Nothing of it is kept: what it touched has been added to what is applied next.
            own.Clear();
            Volatile.Write(ref _spare, own);
        }

        Apply();
    }

    public void Visible(FeedPosition upTo)
    {
        lock (_gate)
        {
            _unseen.MoveVisible(upTo, _next);
        }

        Apply();
    }

    public void Reaches(FeedPosition position, HomePosition home) => _waypoints.Add(position, home);

    public void Heartbeat(FeedPosition position, TimeSpan age)
    {
        var asOf = _surroundings.Now - age.Ticks;
        lock (_gate)
        {
            if (_unseen.IsEmpty)
            {
                (_next.Final, _next.AsOf) = (position, asOf);
            }
            else
            {
                _unseen.Add(position, null, asOf);
            }
        }

        Apply();
    }

    private void Apply()
    {
        lock (_gate)
        {
            if (_applies || _next.IsEmpty)
            {
                return;
            }

            _applies = true;
        }

        // Up to its first wait on the feed's own thread: with a shared tier in this process, and for the fences of any other, that is all the way.
        _ = ApplyAllAsync();
    }

    private async Task ApplyAllAsync()
    {
        while (TryTake(out ToApply batch))
        {
            try
            {
                await ApplyAsync(batch).ConfigureAwait(false);
            }
            catch (Exception failure) when (!_lifetime.IsCancellationRequested)
            {
                // Not the shared tier being away, which is deferred and retried: something nobody thought of. It is not confirmed, and tried again.
                _log.OnFailed(failure);
                lock (_gate)
                {
                    _next.Add(batch);
                }

                await _surroundings.Delay(RetryPause, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // The cache has been disposed; whatever was not confirmed is told again to whoever comes next.
                return;
            }
        }
    }

    private bool TryTake(out ToApply batch)
    {
        lock (_gate)
        {
            batch = _next;
            _applies = !batch.IsEmpty && !_lifetime.IsCancellationRequested;
            if (_applies)
            {
                (_next, _spareBatch) = (_spareBatch ?? new ToApply(_rules), null);
            }

            return _applies;
        }
    }

    private async Task ApplyAsync(ToApply batch)
    {
        HashSet<Task<bool>> deferred = [];
        await batch.Changes.ChangeAsync(deferred).ConfigureAwait(false);
        _log.OnApplied(batch, deferred.Count > 0);
        _confirming.Add(deferred, batch.Final, batch.AsOf);
        batch.Clear();
        lock (_gate)
        {
            _spareBatch = batch;
        }
    }

    /// <summary>What was acknowledged may have been acknowledged by a life that has ended. Its confirmation goes with the change that tells the new life that nothing is certain.</summary>
    private void Doubt(IReadOnlyList<FoundDoubt> found, ToConfirm some)
    {
        var doubts = new FeedTransaction(_rules, _log.OnDoubt);
        foreach (var doubt in found)
        {
            doubts.DoubtOf(doubt.Target, doubt.Reason);
        }

        lock (_gate)
        {
            _next.Changes.Add(doubts.Changes);
            (_next.Final, _next.AsOf) = (_next.Final ?? some.Final, _next.AsOf ?? some.AsOf);
        }

        Apply();
    }
}
