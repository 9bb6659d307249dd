using Millpond.Runtime;

namespace Millpond.Loading;

/// <summary>
/// The limit of one source: so many loads at once, so many that wait, first come first served. Shared by all keyspaces that name the source.
/// </summary>
/// <remarks>
/// A place is given back when the load has really ended, not when its caller stopped waiting: a source that is slow is still busy. Not a
/// semaphore of the platform, because that wakes its waiters on the thread pool, out of a simulator's sight.
/// </remarks>
internal sealed class SourceGuard(string name, Surroundings surroundings)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _waiting = new();
    private SourceLimits _limits = new();
    private int _inside;

    /// <summary>Swapped while running; who waits gets the places that a higher limit adds at once.</summary>
    public SourceLimits Limits
    {
        get => Volatile.Read(ref _limits);
        set
        {
            Volatile.Write(ref _limits, value);
            GivePlaces();
        }
    }

    public int Inside => Volatile.Read(ref _inside);

    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>A guard of the same source with one place, for what happens within a place of this one.</summary>
    public SourceGuard OnePlace() => new(name, surroundings) { Limits = new SourceLimits { ConcurrentLoadsMax = 1, WaitingLoadsMax = Limits.WaitingLoadsMax } };

    /// <summary>Takes a place if one is free and nobody waits. A true return must be followed by one <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_inside >= Limits.ConcurrentLoadsMax || _waiting.Count > 0)
            {
                return false;
            }

            _inside++;
            return true;
        }
    }

    /// <summary>Waits for a place. Every return must be followed by one <see cref="Leave"/>.</summary>
    /// <exception cref="MillpondException">MP1303: too many wait already.</exception>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource<bool>> place;
        lock (_gate)
        {
            if (_inside < Limits.ConcurrentLoadsMax && _waiting.Count == 0)
            {
                _inside++;
                return;
            }

            if (_waiting.Count >= Limits.WaitingLoadsMax)
            {
                throw new MillpondException(
                    ErrorCode.SourceBusy,
                    $"Source '{name}' has {_inside} loads under way and {_waiting.Count} waiting, which is its limit (WaitingLoadsMax {Limits.WaitingLoadsMax}). "
                    + "Let values be served stale meanwhile (StaleIfError), make the source faster, or raise ConcurrentLoadsMax if it bears more.");
            }

            place = _waiting.AddLast(surroundings.NewCompletion<bool>());
        }

        using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), place.Value))
        {
            try
            {
                await place.Value.Task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                lock (_gate)
                {
                    // Off the list already if a place came free at the same moment and found it cancelled.
                    if (place.List is not null)
                    {
                        _waiting.Remove(place);
                    }
                }

                throw;
            }
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _inside--;
        }

        GivePlaces();
    }

    private void GivePlaces()
    {
        while (TakeNext() is { } next)
        {
            // Outside the lock, because whoever waited may run at once. A cancelled one gives its place to the next.
            if (!next.TrySetResult(true))
            {
                lock (_gate)
                {
                    _inside--;
                }
            }
        }
    }

    private TaskCompletionSource<bool>? TakeNext()
    {
        lock (_gate)
        {
            if (_inside >= Limits.ConcurrentLoadsMax || _waiting.First is not { } next)
            {
                return null;
            }

            _waiting.RemoveFirst();
            _inside++;
            return next.Value;
        }
    }
}
