namespace Millpond.Testing.Time;

/// <summary>A timer of <see cref="SimulatedTime"/>, which guards every field here with its own lock.</summary>
internal sealed class SimulatedTimer(SimulatedTime time, TimerCallback callback, object? state, long number) : ITimer
{
    // The platform's timers carry their creator's context into the callback; so do these, or an AsyncLocal would differ under test.
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    public static IComparer<SimulatedTimer> InOrder { get; } = Comparer<SimulatedTimer>.Create((a, b) =>
        a.Due != b.Due ? a.Due.CompareTo(b.Due) : a._number.CompareTo(b._number));

    public long Due { get; set; }

    public long Period { get; set; }

    public bool IsDisposed { get; set; }

    private readonly long _number = number;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, Timeout.InfiniteTimeSpan);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, Timeout.InfiniteTimeSpan);
        return time.Arm(this, dueTime, period);
    }

    public void Fire()
    {
        if (_context is null)
            callback(state);
        else
            ExecutionContext.Run(_context, new ContextCallback(callback), state);
    }

    public void Dispose() => time.Disarm(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }
}
