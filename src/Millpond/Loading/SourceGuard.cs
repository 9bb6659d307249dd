using Millpond.Events;
using Millpond.Overload;
using Millpond.Policies;
using Millpond.Runtime;

namespace Millpond.Loading;

/// <summary>
/// Stands in front of one source, for all keyspaces that name it: lets no more loads in at once than the source bears, lets the others wait in a bounded line, and refuses at once
/// what would wait in vain. docs/guide/overload.md tells what it promises.
/// </summary>
/// <remarks>
/// <para>
/// A place is given back when the load has really ended, not when its caller stopped waiting: a source that is slow is still busy. Not a
/// semaphore of the platform, because that wakes its waiters on the thread pool, out of a simulator's sight.
/// </para>
/// <para>
/// Everything is decided under one gate, in a few steps; callers are told and events raised outside of it. While the gate is free, no load waits that might go: whoever gives back
/// a place, or raises a limit, hands out in the same step. So a load that finds a place free overtakes nobody who could have taken it.
/// </para>
/// </remarks>
internal sealed class SourceGuard
{
    private readonly Lock _gate = new();
    private readonly string _name;
    private readonly Surroundings _surroundings;
    private readonly CacheListener _listener;
    private readonly ProtocolRules _rules;
    private readonly SourcePlaces _places;
    private SourceLimits _limits = new();
    private ITimer? _sweep;
    private long _sweepAt = long.MaxValue;

    public SourceGuard(string name, Surroundings surroundings, CacheListener? listener = null, ProtocolRules? rules = null)
        : this(name, surroundings, listener ?? CacheListener.Deaf, rules ?? ProtocolRules.Standard, isLent: false)
    {
    }

    private SourceGuard(string name, Surroundings surroundings, CacheListener listener, ProtocolRules rules, bool isLent)
    {
        (_name, _surroundings, _listener, _rules) = (name, surroundings, listener, rules);
        _places = new SourcePlaces(name, surroundings, rules, isLent);
        _places.Configure(_limits);
    }

    /// <summary>Swapped while running; who waits gets the places that a higher limit adds at once.</summary>
    public SourceLimits Limits
    {
        get => Volatile.Read(ref _limits);
        set => Settle(0, (places, _) =>
        {
            Volatile.Write(ref _limits, value);
            places.Configure(value);
        });
    }

    public string Name => _name;

    public int Inside => _places.Inside;

    public int Waiting => Locked(places => places.Waiting);

    /// <summary>How many it lets in at once now.</summary>
    public int Limit => Locked(places => places.Limit);

    public BreakerState Breaker => Locked(places => places.Breaker);

    /// <summary>Whether somebody waits for the source, or it is left alone: then nothing is begun ahead of demand.</summary>
    public bool IsPressed => Locked(places => places.IsPressed(_surroundings.Now));

    /// <summary>How many loads were refused, by <see cref="ShedReason"/>.</summary>
    public IReadOnlyList<long> Refused => Locked(places => places.Refused);

    /// <summary>A guard of the same source with one place, for what happens within a place of this one. It neither measures nor breaks: the outer load's end says it all.</summary>
    public SourceGuard OnePlace() =>
        new(_name, _surroundings, CacheListener.Deaf, _rules, isLent: true)
        {
            Limits = Limits with { ConcurrentLoadsMin = 1, ConcurrentLoadsMax = 1, WaitMax = TimeSpan.FromHours(1) /* What waits within a load ends with that load. */ },
        };

    /// <summary>Takes a place if there is one at once, or says that the source is left alone; null if the load would have to wait.</summary>
    public Place? TryEnter(in PlaceAsk ask)
    {
        Place? place;
        SourceStanding before, after;
        lock (_gate)
        {
            before = new(_places);
            place = _places.TryEnter(ask, _surroundings.Now);
            after = new(_places);
        }

        after.TellSince(before, _name, _listener);
        return place;
    }

    /// <summary>Takes a place, or waits for one. A place without a refusal must be given back by one <see cref="Leave"/>.</summary>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    public ValueTask<Place> EnterAsync(PlaceAsk ask, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Place>(cancellationToken);
        }

        List<WaitingLoad>? told = null;
        WaitingLoad? waits;
        Place? place;
        SourceStanding before, after;
        lock (_gate)
        {
            before = new(_places);
            place = _places.Enter(ask, _surroundings.Now, ref told, out waits);
            after = new(_places);
            if (waits is not null)
            {
                ArmNeedsGate();
            }
        }

        Tell(told);
        after.TellSince(before, _name, _listener);
        return waits is null ? new(place!) : WaitAsync(waits, cancellationToken);
    }

    /// <summary>A caller has come to want what a load ahead of demand brings.</summary>
    public void Raise(LoadUrgency urgency)
    {
        lock (_gate)
        {
            _places.Raise(urgency, _surroundings.Now);
            ArmNeedsGate();
        }
    }

    /// <summary>Gives a place back, and says how its load ended.</summary>
    public void Leave(Place place, CallEnd end) => Settle((place, end), static (places, told) => places.Leave(told.Of.place, told.Of.end, told.Now));

    /// <summary>A load's time is over and its callers have been told, but it has not come back. A source that never answers must not look like one that was never asked.</summary>
    public void IsLate(Place place) => Settle(place, static (places, told) => places.EndPass(told.Of.Pass, CallEnd.Failed, told.Now));

    /// <summary>Whether a load that failed may be tried again now.</summary>
    public bool TryRetry() => Locked(places => places.TryRetry());

    private async ValueTask<Place> WaitAsync(WaitingLoad load, CancellationToken cancellationToken)
    {
        Place place;
        using (cancellationToken.UnsafeRegister(static (state, token) => { var (guard, waits) = ((SourceGuard, WaitingLoad))state!; guard.Withdraw(waits, token); }, (this, load)))
        {
            place = await load.Task.ConfigureAwait(false);
        }

        // Given the place and cancelled in the same moment.
        if (place.Refusal is null && cancellationToken.IsCancellationRequested && !_rules.MayBegin(_surroundings.Now, load.Deadline, isCancelled: true))
        {
            Leave(place, CallEnd.Unknown);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return place;
    }

    /// <summary>Changes something, and then hands out what places there are.</summary>
    private void Settle<T>(T of, Action<SourcePlaces, (T Of, long Now)> change)
    {
        List<WaitingLoad>? told = null;
        SourceStanding before, after;
        lock (_gate)
        {
            var now = _surroundings.Now;
            before = new(_places);
            change(_places, (of, now));
            _places.HandOut(now, ref told);
            after = new(_places);
        }

        Tell(told);
        after.TellSince(before, _name, _listener);
    }

    private T Locked<T>(Func<SourcePlaces, T> read)
    {
        lock (_gate)
        {
            return read(_places);
        }
    }

    /// <summary>Outside of the lock, because whoever waited may run at once.</summary>
    private static void Tell(List<WaitingLoad>? told)
    {
        foreach (var load in told ?? [])
        {
            load.Tell();
        }
    }

    private void ArmNeedsGate()
    {
        if (_places.NextDeadline is not { } next || next >= _sweepAt)
        {
            return;
        }

        _sweepAt = next;
        var due = TimeSpan.FromTicks(Math.Max(next - _surroundings.Now, 0)) + TimeSpan.FromMilliseconds(1);
        if (_sweep is null)
        {
            _sweep = _surroundings.NewTimer(static guard => ((SourceGuard)guard!).Sweep(), this, due);
        }
        else
        {
            _sweep.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private void Sweep()
    {
        Settle(0, static (_, _) => { });
        lock (_gate)
        {
            _sweepAt = long.MaxValue;
            ArmNeedsGate();
        }
    }

    private void Withdraw(WaitingLoad load, CancellationToken token)
    {
        lock (_gate)
        {
            if (!_places.Withdraw(load, _surroundings.Now))
            {
                return;
            }
        }

        load.Withdrawn = token;
        load.Tell();
    }
}
