using Millpond.Events;
using Millpond.Policies;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Partitions;

/// <summary>Applies a change that was heard to the keyspace's flights and entries.</summary>
internal interface IChangeApplier
{
    /// <param name="incarnation">The life that its number belongs to.</param>
    /// <param name="change">The change.</param>
    /// <param name="since">Since when what it touches may have been stale without our knowing better.</param>
    void Apply(Incarnation incarnation, in SequencedChange change, long since);
}

/// <summary>
/// Keeps one partition's view true: subscribes to its pushes, asks for its state once a heartbeat, closes gaps, notices another life.
/// </summary>
/// <remarks>
/// <para>
/// The order after a break is: subscribe, have it confirmed, then read the control record (A33). A change made before the reading is in what was
/// read; one made after it is pushed; one in both is applied twice, which does no harm.
/// </para>
/// <para>
/// A push whose number follows on the last one is applied and counted. Any other number is a gap: the change is applied at once (that only makes more stale),
/// not counted, and the log is read from the last counted number. If the log reaches back, all is proven again. If it does not, or the incarnation
/// is another, or the numbers ran back, a new epoch begins and whatever was held is soft-stale.
/// </para>
/// <para>
/// The heartbeat is a question (decision 2). Trust is counted from when it was sent, on this process's clock, so a process that
/// slept through a hundred changes finds its trust gone before it serves anything (A41).
/// </para>
/// </remarks>
internal sealed class PartitionKeeper : IPushSink, IAsyncDisposable
{
    // One heartbeat may overtake a push that is on its way; two in a row that find what no push told do so only over a dead channel.
    private const int UnheardMax = 2;

    private readonly PartitionView _view;
    private readonly ISharedTier _tier;
    private readonly IChangeApplier _applier;
    private readonly ProtocolRules _rules;
    private readonly Surroundings _surroundings;
    private readonly CacheListener _listener;
    private readonly CancellationToken _lifetime;
    private IAsyncDisposable? _subscription;
    private Task<bool>? _start;
    private Task<bool>? _catchUp;
    private bool _connected;
    private int _breaks;
    private int _unheard;

    public PartitionKeeper(PartitionView view, ISharedTier tier, IChangeApplier applier, ProtocolRules rules, Surroundings surroundings, CacheListener listener, CancellationToken lifetime)
    {
        _view = view;
        _tier = tier;
        _applier = applier;
        _rules = rules;
        _surroundings = surroundings;
        _listener = listener;
        _lifetime = lifetime;
    }

    public PartitionView View => _view;

    /// <summary>Two heartbeats, in ticks; for ever where no push can be lost.</summary>
    public long TrustTicks => _tier.Capabilities.PushIsLossless ? long.MaxValue : 2 * _tier.Capabilities.HeartbeatPeriod.Ticks;

    /// <summary>Whether the first attempt to connect is over, well or badly.</summary>
    public bool HasStarted => Volatile.Read(ref _start) is { IsCompleted: true };

    /// <summary>Connects on first use. Never throws: without a connection the partition is simply not trusted, and the keeper goes on trying.</summary>
    public ValueTask StartAsync()
    {
        var start = Volatile.Read(ref _start);
        if (start is null)
        {
            TaskCompletionSource<bool>? completion = null;
            lock (_view.Gate)
            {
                // The first attempt is awaited by the first readers; the ones after it are the watch's business.
                if (_start is null)
                {
                    completion = _surroundings.NewCompletion<bool>();
                    _start = completion.Task;
                }

                start = _start;
            }

            if (completion is not null)
            {
                return new ValueTask(StartOnceAsync(completion));
            }
        }

        return start.IsCompleted ? ValueTask.CompletedTask : new ValueTask(_surroundings.Fork(start));
    }

    /// <summary>Whether the floors known here suffice to judge a record read at <paramref name="state"/>; finds out what is missing if not.</summary>
    public async ValueTask<bool> CanJudgeAsync(PartitionState state)
    {
        if (Knows(state))
        {
            return true;
        }

        // Twice, because the first reading may have been under way before the record was read.
        await CatchUpAsync().ConfigureAwait(false);
        if (!Knows(state))
        {
            await CatchUpAsync().ConfigureAwait(false);
        }

        return Knows(state);
    }

    public void OnChange(PartitionId partition, Incarnation incarnation, in SequencedChange change)
    {
        bool gap;
        long since;
        lock (_view.Gate)
        {
            // A process that slept hears it late: what it touches may be stale since trust ended.
            since = Math.Min(_surroundings.Now, _view.TrustedUntil);
            _unheard = 0;
            var known = _connected && incarnation == _view.Incarnation;
            if (known && change.Sequence <= _view.Sequence)
            {
                return;
            }

            gap = !known || _rules.IsGap(_view.Sequence, change.Sequence);
            if (known)
            {
                _view.RaiseFloorNeedsGate(change, since);
            }

            if (gap)
            {
                _view.TrustUntilNeedsGate(since);
            }
        }

        _applier.Apply(incarnation, change, since);
        _listener.On(new Changed(partition.Keyspace, change.Change.Kind, 1, ChangeOrigin.Heard));
        if (gap)
        {
            _surroundings.RunAside(CatchUpAsync);
            return;
        }

        lock (_view.Gate)
        {
            if (incarnation == _view.Incarnation)
            {
                _view.AdvanceNeedsGate(change.Sequence);
            }
        }
    }

    public void OnBroken(PartitionId partition, string reason)
    {
        lock (_view.Gate)
        {
            _connected = false;
            _breaks++;
        }

        _listener.On(new ChannelEvent(partition, ChannelEventKind.Broken, reason));
    }

    /// <summary>Takes over the floors that our own change set, before its push comes back; false if they belong to another life than the one known here.</summary>
    public bool ApplyOwn(ChangeReply reply, IReadOnlyList<Change> changes)
    {
        var now = _surroundings.Now;
        lock (_view.Gate)
        {
            if (reply.State.Incarnation != _view.Incarnation)
            {
                return false;
            }

            for (var i = 0; i < changes.Count; i++)
            {
                // The reply carries the number of the last change; those before it have the numbers before it or higher ones, so taking the last for all
                // makes at most a little more stale.
                _view.RaiseFloorNeedsGate(new SequencedChange(reply.State.Sequence, changes[i]), now);
            }
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _subscription, null) is { } subscription)
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
        }
    }

    private bool Knows(PartitionState state)
    {
        lock (_view.Gate)
        {
            return state.Incarnation == _view.Incarnation && state.FloorSequence <= _view.FloorsKnownTo;
        }
    }

    private async Task StartOnceAsync(TaskCompletionSource<bool> completion)
    {
        await TryConnectAsync().ConfigureAwait(false);
        completion.TrySetResult(true);
        if (!_tier.Capabilities.PushIsLossless || !_connected)
        {
            _surroundings.RunAside(WatchAsync);
        }
    }

    /// <summary>Once a heartbeat: connect again if the channel broke, else ask for the state.</summary>
    private async Task WatchAsync()
    {
        while (!_lifetime.IsCancellationRequested)
        {
            try
            {
                // Jittered by a tenth, so that a fleet that started together does not ask together.
                await _surroundings.Delay(_tier.Capabilities.HeartbeatPeriod * (0.9 + (0.1 * _surroundings.NextDouble())), _lifetime).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await (_connected ? CatchUpAsync() : TryConnectAsync()).ConfigureAwait(false);
        }
    }

    private async Task TryConnectAsync()
    {
        try
        {
            if (!_rules.SubscribesBeforeReading)
            {
                await ReadControlAsync(connecting: true, _breaks).ConfigureAwait(false);
            }

            await DisposeAsync().ConfigureAwait(false);
            int breaks;
            lock (_view.Gate)
            {
                breaks = _breaks;
            }

            _subscription = await _tier.SubscribeAsync(_view.Id, this, _lifetime).ConfigureAwait(false);
            if (_rules.SubscribesBeforeReading)
            {
                await ReadControlAsync(connecting: true, breaks).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is SharedTierException or OperationCanceledException)
        {
            Report("subscribe", failure);
        }
    }

    /// <summary>Reads the control record, once for all who ask at the same time.</summary>
    private Task CatchUpAsync()
    {
        TaskCompletionSource<bool> completion;
        lock (_view.Gate)
        {
            if (_catchUp is { IsCompleted: false } underWay)
            {
                return _surroundings.Fork(underWay);
            }

            completion = _surroundings.NewCompletion<bool>();
            _catchUp = completion.Task;
        }

        return CatchUpOnceAsync(completion);
    }

    private async Task CatchUpOnceAsync(TaskCompletionSource<bool> completion)
    {
        try
        {
            await ReadControlAsync(connecting: false, 0).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SharedTierException or OperationCanceledException)
        {
            Report("read control", failure);
        }
        finally
        {
            completion.TrySetResult(true);
        }
    }

    /// <param name="connecting">Whether a new subscription has just been confirmed.</param>
    /// <param name="breaks">How many breaks had been told of before that subscription began; if there were more since, it is broken already.</param>
    private async Task ReadControlAsync(bool connecting, int breaks)
    {
        var askedAt = _surroundings.Now;
        long since;
        Incarnation incarnation;
        lock (_view.Gate)
        {
            since = _view.Sequence;
            incarnation = _view.Incarnation;
        }

        var reply = await _tier.ReadControlAsync(_view.Id, since, incarnation, _lifetime).ConfigureAwait(false);
        var happened = TakeOver(reply, since, incarnation, askedAt, connecting ? breaks : null);
        if (happened is { } kind)
        {
            _listener.On(new ChannelEvent(_view.Id, kind, kind == ChannelEventKind.Broken ? "changes come with heartbeats alone; it is subscribed to anew." : $"at sequence {reply.State.Sequence}"));
        }
    }

    private ChannelEventKind? TakeOver(ControlReply reply, long since, Incarnation incarnation, long askedAt, int? breaksBefore)
    {
        var sameLife = incarnation.IsKnown && _rules.IsOfIncarnation(incarnation, reply.State.Incarnation);
        var provable = sameLife && reply.ChangesSince is not null && reply.State.Sequence >= since;
        if (provable)
        {
            ApplyMissed(reply.ChangesSince!, incarnation);
        }

        lock (_view.Gate)
        {
            var (wasConnected, connecting) = (_connected, breaksBefore == _breaks);
            _connected |= connecting;
            if (_view.Incarnation != incarnation)
            {
                // Another reading overtook this one and found another life; it knows better.
                return null;
            }

            if (provable)
            {
                _view.AdvanceNeedsGate(reply.State.Sequence);
            }
            else
            {
                // The floors of another life, or of a future that was rolled back, say nothing of this one.
                var known = sameLife && reply.State.Sequence >= since ? _view.Floors : FloorTable.Empty;
                _view.BeginEpochNeedsGate(reply.State, known.RaiseTo(reply), _surroundings.Now);
            }

            var isDeaf = IsDeafNeedsGate(provable && !connecting && reply.State.Sequence > since);
            if (_connected)
            {
                _view.TrustUntilNeedsGate(TrustTicks == long.MaxValue ? long.MaxValue : askedAt + TrustTicks);
            }

            return isDeaf ? ChannelEventKind.Broken
                : !provable && incarnation.IsKnown ? (sameLife ? ChannelEventKind.Lost : ChannelEventKind.OtherIncarnation)
                : connecting && !wasConnected ? ChannelEventKind.Restored
                : reply.State.Sequence > since && provable ? ChannelEventKind.GapClosed
                : null;
        }
    }

    /// <summary>Whether the channel has died without a word (A36): nothing was lost, and nothing more will come. The next heartbeat subscribes anew.</summary>
    private bool IsDeafNeedsGate(bool foundUnheard)
    {
        _unheard = foundUnheard ? _unheard + 1 : _unheard;
        if (_unheard < UnheardMax || !_connected)
        {
            return false;
        }

        (_connected, _unheard) = (false, 0);
        _breaks++;
        return true;
    }

    private void ApplyMissed(IReadOnlyList<SequencedChange> changes, Incarnation incarnation)
    {
        foreach (var change in changes)
        {
            long since;
            lock (_view.Gate)
            {
                // Missed while we had lost touch, it may be as old as that.
                since = Math.Min(_surroundings.Now, _view.TrustedUntil);
                if (incarnation == _view.Incarnation)
                {
                    _view.RaiseFloorNeedsGate(change, since);
                }
            }

            _applier.Apply(incarnation, change, since);
        }
    }

    private void Report(string operation, Exception failure)
    {
        if (!_lifetime.IsCancellationRequested)
        {
            _listener.On(new SharedTierFailed(_view.Id.Keyspace, operation, failure));
        }
    }
}
