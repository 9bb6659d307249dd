using Millpond.Testing.Time;

namespace Millpond.Sim.Clockwork;

/// <summary>
/// What will happen when, in one queue under one timer of the simulated clock: messages on their way, pauses, the plan of faults. At the same instant, first
/// planned is first done. Millions of events pass through, so each costs a heap slot and no timer.
/// </summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Action, (long Due, long Number)> _events = new();
    private readonly SimulatedTime _clock;
    private readonly ITimer _timer;
    private long _number;
    private long _armedFor = long.MaxValue;

    public Agenda(SimulatedTime clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(_ => RunDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Virtual ticks of 100 ns since the beginning of the run.</summary>
    public long Now => _clock.Elapsed.Ticks;

    /// <summary>The wall clock.</summary>
    public DateTimeOffset UtcNow => _clock.GetUtcNow();

    public void After(long ticks, Action happen)
    {
        var due = Now + Math.Max(ticks, 0);
        _events.Enqueue(happen, (due, _number++));
        Arm(due);
    }

    private void RunDue()
    {
        _armedFor = long.MaxValue;
        while (_events.TryPeek(out _, out var next) && next.Due <= Now)
            _events.Dequeue()();
        if (_events.TryPeek(out _, out var later))
            Arm(later.Due);
    }

    private void Arm(long due)
    {
        if (due >= _armedFor)
            return;
        _armedFor = due;
        _timer.Change(TimeSpan.FromTicks(due - Now), Timeout.InfiniteTimeSpan);
    }
}
