using Millpond.Runtime;

namespace Millpond.Feeds.Applying;

/// <summary>
/// Confirms what has been applied, in order: when whatever of it was deferred has been told, and the lives of the shared tier that acknowledged it are known and recorded. Beside the applications, which go on while the shared
/// tier is away.
/// </summary>
internal sealed class Confirming(FeedLog log, FeedLives lives, Action<IReadOnlyList<FoundDoubt>, ToConfirm> doubt, Waypoints waypoints, Surroundings surroundings, CancellationToken lifetime)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<(FeedPosition Position, TaskCompletionSource<bool> Done)> _waiting = [];
    private ToConfirm _next = new();
    private FeedPosition? _confirmed;
    private FeedStart? _start;
    private bool _runs;

    public FeedPosition? Confirmed
    {
        get
        {
            lock (_gate)
            {
                return _confirmed;
            }
        }
    }

    public void StartAt(FeedStart start)
    {
        lock (_gate)
        {
            _start = start;
        }
    }

    public Task WhenAsync(FeedPosition position)
    {
        lock (_gate)
        {
            if (_confirmed is { } confirmed && confirmed.CompareTo(position) >= 0)
            {
                return Task.CompletedTask;
            }

            var done = surroundings.NewCompletion<bool>();
            _waiting.Add((position, done));
            return done.Task;
        }
    }

    public void Add(HashSet<Task<bool>> deferred, FeedPosition? final, long? asOf)
    {
        lock (_gate)
        {
            _next.Add(deferred, final, asOf);
            if (_runs || _next.IsEmpty)
            {
                return;
            }

            _runs = true;
        }

        _ = ConfirmAllAsync();
    }

    private async Task ConfirmAllAsync()
    {
        while (true)
        {
            try
            {
                // Before it is taken, so that what comes meanwhile goes with it and does not wait for a turn of its own.
                if (lives.PauseBeforeNext is { Ticks: > 0 } pause && !HasWaiters())
                {
                    await surroundings.Delay(pause, lifetime).ConfigureAwait(false);
                }

                if (!TryTake(out var some))
                {
                    return;
                }

                if (!await TrySettleAsync(some).ConfigureAwait(false))
                {
                    lock (_gate)
                    {
                        _next.Precede(some);
                    }

                    await surroundings.Delay(RetryPause, lifetime).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (lifetime.IsCancellationRequested)
            {
                // The cache has been disposed; whatever was not confirmed is told again to whoever comes next.
                return;
            }
        }
    }

    private async Task<bool> TrySettleAsync(ToConfirm some)
    {
        try
        {
            foreach (var told in some.Deferred)
            {
                await surroundings.WaitAsync(told, lifetime).ConfigureAwait(false);
            }

            return some.Final is null || await TryConfirmAsync(some).ConfigureAwait(false);
        }
        catch (Exception failure) when (!lifetime.IsCancellationRequested)
        {
            // Something nobody thought of: it is not confirmed, and tried again.
            log.OnFailed(failure);
            return false;
        }
    }

    private bool TryTake(out ToConfirm some)
    {
        lock (_gate)
        {
            some = _next;
            _runs = !some.IsEmpty && !lifetime.IsCancellationRequested;
            if (_runs)
            {
                _next = new ToConfirm();
            }

            return _runs;
        }
    }

    private async ValueTask<bool> TryConfirmAsync(ToConfirm some)
    {
        FeedStart? start;
        lock (_gate)
        {
            (start, _start) = (_start, null);
        }

        var look = await lives.LookAsync(some.Final!.Value, some.AsOf, start, waypoints.UpTo(some.Final.Value)).ConfigureAwait(false);
        log.OnShared(look.Away);
        if (look.Doubts.Count > 0)
        {
            doubt(look.Doubts, some);
            return true;
        }

        if (look.IsRecorded)
        {
            Confirm(some.Final.Value, some.AsOf);
        }
        else if (start is not null)
        {
            lock (_gate)
            {
                _start ??= start;
            }
        }

        return look.IsRecorded;
    }

    /// <summary>Whether a source waits for this very confirmation before it tells of the next change.</summary>
    private bool HasWaiters()
    {
        lock (_gate)
        {
            return _waiting.Count > 0;
        }
    }

    private void Confirm(FeedPosition position, long? asOf)
    {
        List<TaskCompletionSource<bool>> done = [];
        lock (_gate)
        {
            _confirmed = position;
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].Position.CompareTo(position) <= 0)
                {
                    done.Add(_waiting[i].Done);
                    _waiting.RemoveAt(i);
                }
            }
        }

        log.OnConfirmed(position, asOf);
        foreach (var one in done)
        {
            one.TrySetResult(true);
        }
    }
}
