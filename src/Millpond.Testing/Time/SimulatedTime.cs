namespace Millpond.Testing.Time;

/// <summary>
/// Time that stands still until a test moves it. Timers fire inside <see cref="Advance"/>, on the caller's thread, in the order of their due times
/// and, at the same instant, of their creation; the clock shows each timer its own due time. Works under <c>Task.Delay</c>, <c>Task.WaitAsync</c>,
/// <c>CancellationTokenSource</c> and <c>PeriodicTimer</c>.
/// </summary>
/// <remarks>
/// A timer that is due at once fires at the next <see cref="Advance"/>, even one of zero, and never inside the call that created it: who creates a
/// timer is not ready for it yet. Callbacks run under no lock, so they may create, change and dispose timers and advance the time. Safe for
/// concurrent use; the order of what several threads do at once is theirs.
/// </remarks>
public sealed class SimulatedTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly SortedSet<SimulatedTimer> _armed = new(SimulatedTimer.InOrder);
    private readonly DateTimeOffset _start;
    private long _elapsed;
    private long _created;

    /// <summary>Time that stands at noon of a fixed day.</summary>
    public SimulatedTime()
        : this(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Time that stands at a given moment.</summary>
    /// <param name="start">What <see cref="GetUtcNow"/> says until the time is advanced.</param>
    public SimulatedTime(DateTimeOffset start) => _start = start;

    /// <summary>How far the time has been advanced.</summary>
    public TimeSpan Elapsed => new(Volatile.Read(ref _elapsed));

    /// <summary>How many timers are armed.</summary>
    public int TimerCount
    {
        get
        {
            lock (_gate)
                return _armed.Count;
        }
    }

    /// <summary>How long until the next timer fires; null if none is armed, zero if it is due already.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            lock (_gate)
                return _armed.Min is { } next ? new TimeSpan(Math.Max(0, next.Due - _elapsed)) : null;
        }
    }

    /// <summary>100 ns, so that a timestamp loses nothing of a <see cref="TimeSpan"/>.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <summary>The time advanced since a day before the start: a process whose clock begins at 0 is not what programs meet.</summary>
    public override long GetTimestamp() => TimeSpan.TicksPerDay + Volatile.Read(ref _elapsed);

    /// <summary>Moves the time on and fires what comes due on the way.</summary>
    /// <param name="time">How far; zero fires only what is due already.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time would go back.</exception>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        long target = Volatile.Read(ref _elapsed) + time.Ticks;
        while (TakeDue(target) is { } timer)
            timer.Fire();
        lock (_gate)
            _elapsed = Math.Max(_elapsed, target);
    }

    /// <summary>Moves the time to the next timer and fires what is due then.</summary>
    /// <returns>False if no timer is armed.</returns>
    public bool AdvanceToNextTimer()
    {
        if (NextTimer is not { } left)
            return false;
        Advance(left);
        return true;
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new SimulatedTimer(this, callback, state, Interlocked.Increment(ref _created));
        timer.Change(dueTime, period);
        return timer;
    }

    internal bool Arm(SimulatedTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _armed.Remove(timer);
            if (timer.IsDisposed)
                return false;
            // As the platform has it: a period of zero, like an infinite one, means once.
            timer.Period = period > TimeSpan.Zero ? period.Ticks : 0;
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;
            timer.Due = _elapsed + dueTime.Ticks;
            _armed.Add(timer);
            return true;
        }
    }

    internal void Disarm(SimulatedTimer timer)
    {
        lock (_gate)
        {
            timer.IsDisposed = true;
            _armed.Remove(timer);
        }
    }

    private SimulatedTimer? TakeDue(long target)
    {
        lock (_gate)
        {
            if (_armed.Min is not { } next || next.Due > target)
                return null;
            _armed.Remove(next);
            _elapsed = Math.Max(_elapsed, next.Due);
            if (next.Period > 0)
            {
                next.Due += next.Period;
                _armed.Add(next);
            }

            return next;
        }
    }
}
