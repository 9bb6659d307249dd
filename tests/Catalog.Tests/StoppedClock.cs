namespace Catalog.Tests;

/// <summary>A clock that moves only when it is told to, and then runs the timers that came due.</summary>
internal sealed class StoppedClock : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private long _now = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_now);

    public void Advance(TimeSpan by)
    {
        _now += by.Ticks;
        foreach (Timer timer in _timers.Where(timer => timer.Due <= _now).ToArray())
        {
            timer.Run();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state, dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : _now + dueTime.Ticks);
        _timers.Add(timer);
        return timer;
    }

    private sealed class Timer(StoppedClock clock, TimerCallback callback, object? state, long due) : ITimer
    {
        public long Due { get; private set; } = due;

        public void Run()
        {
            Due = long.MaxValue;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : clock._now + dueTime.Ticks;
            return true;
        }

        public void Dispose() => clock._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
