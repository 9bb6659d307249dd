namespace Millpond.Sim.Clockwork;

/// <summary>
/// In front of everything that reaches one process: replies, pushes, timers, work put aside. While the process is frozen (its machine stopped, its collector
/// at work) all of it waits; when it wakes, its clients may run before the backlog does, as they may in production (A41).
/// </summary>
internal sealed class Gate
{
    private readonly Queue<Action> _backlog = new();

    public bool IsFrozen { get; private set; }

    /// <summary>When the process last woke, in virtual ticks.</summary>
    public long WokeAt { get; private set; } = long.MinValue / 2;

    /// <summary>The process was killed: nothing reaches it any more, and nothing of it goes on.</summary>
    public bool IsDead { get; private set; }

    public void Deliver(Action arrive)
    {
        if (IsDead)
            return;
        if (IsFrozen)
            _backlog.Enqueue(arrive);
        else
            arrive();
    }

    public void Freeze() => IsFrozen = true;

    public void Die()
    {
        IsDead = true;
        _backlog.Clear();
    }

    /// <param name="now">Virtual ticks.</param>
    /// <param name="first">What runs before the backlog.</param>
    public void Wake(long now, Action first)
    {
        IsFrozen = false;
        WokeAt = now;
        first();
        while (!IsFrozen && _backlog.TryDequeue(out var arrive))
            arrive();
    }
}
