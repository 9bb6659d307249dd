using Millpond.Journals;
using Millpond.Runtime;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Faults;
using Millpond.Sim.Network;
using Millpond.Sim.Oracles;
using Millpond.Sinks;

namespace Millpond.Sim.Behind;

/// <summary>One process's way to a journal or to the database. At every step the process may die: before it is done, or after it and before the answer.</summary>
internal sealed class StoreWire(int process, IServer server, Gate gate, Surroundings surroundings, Agenda agenda, Dice dice, FaultKind faults, History history)
    : Wire(process, server, gate, surroundings, agenda, dice, faults, history)
{
    private const double DeathProbability = 0.0005;
    private const double StuckProbability = 0.01;

    /// <summary>What an asker is told: whether it is certain that nothing was done.</summary>
    public required Func<bool, Exception> Failure { get; init; }

    /// <summary>Kills the process that asks.</summary>
    public required Action Kill { get; init; }

    /// <summary>On the process's own machine: what had not been done when it died never is.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Whether a request may lie somewhere for seconds and arrive all the same.</summary>
    public bool MayStick { get; init; }

    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(300);

    protected override long TimeoutTicks => Patience.Ticks;

    protected override long WayThere() =>
        MayStick && Has(FaultKind.Database) && Draw(StuckProbability) ? Dice.Between(Patience.Ticks, 6 * Patience.Ticks) : Latency();

    protected override Exception Refused() => Failure(true);

    protected override Exception Unanswered() => Failure(false);

    protected override void Perform<T>(Func<T> perform, Action<T> succeed, Action<Exception> fail)
    {
        var dies = !Gate.IsDead && Has(FaultKind.Kill) && Draw(DeathProbability);
        if (dies && Draw(0.5))
            Kill();
        if (IsLocal && Gate.IsDead)
            return;
        try
        {
            var result = perform();
            if (dies)
                Kill();
            succeed(result);
        }
        catch (Exception answer) when (answer is JournalException or SinkException or IOException)
        {
            fail(answer);
        }
    }
}
