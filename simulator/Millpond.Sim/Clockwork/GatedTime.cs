namespace Millpond.Sim.Clockwork;

/// <summary>The simulated clock as one process sees it: its timers do not fire while it is frozen, but the time goes on.</summary>
internal sealed class GatedTime(TimeProvider clock, Gate gate) : TimeProvider
{
    public override long TimestampFrequency => clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(_ => gate.Deliver(() => callback(state)), null, dueTime, period);
}
