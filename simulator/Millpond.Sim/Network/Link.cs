using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Faults;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Network;

/// <summary>
/// One process's way to the engine and back. The fate of a message is drawn when it is sent: how long it takes, whether it arrives. So the asker's time-out is
/// planned only for messages that will not be answered in time.
/// </summary>
internal sealed class Link(int process, SimulatedEngine engine, Gate gate, Surroundings surroundings, Agenda agenda, Dice dice, FaultKind faults, History history)
{
    /// <summary>When an asker gives up.</summary>
    private const long TimeoutTicks = 300 * TimeSpan.TicksPerMillisecond;

    private const long LatencyTicks = TimeSpan.TicksPerMillisecond / 4;
    private const double LossProbability = 0.002;
    private const double DelayProbability = 0.005;

    private FaultKind _faults = faults;

    public bool IsCut { get; set; }

    public int Process => process;

    public SimulatedEngine Engine => engine;

    public Agenda Agenda => agenda;

    public History History => history;

    public long Requests { get; private set; }

    /// <summary>How often each kind of trouble was met.</summary>
    public long Losses { get; private set; }

    public void EndFaults() => (_faults, IsCut) = (FaultKind.None, false);

    public bool Has(FaultKind kind) => (_faults & kind) != 0;

    public bool Draw(double probability) => dice.Chance(probability);

    /// <summary>Sends a request, has the engine do it when it arrives, brings the reply back.</summary>
    public ValueTask<T> AskAsync<T>(Func<T> perform, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        Requests++;
        var reply = surroundings.NewCompletion<T>();
        var sentAt = agenda.Now;
        if (IsCut || Loses())
        {
            Lose(What.RequestLost, reply, sentAt);
            return new(reply.Task);
        }

        agenda.After(Latency(), () => Arrive(perform, reply, sentAt));
        return new(reply.Task);
    }

    /// <summary>Brings a message of the engine's to the process, if nothing on the way speaks against it at its arrival.</summary>
    public void Push(long ticks, Action arrive) => agenda.After(ticks, () =>
    {
        if (!IsCut)
            gate.Deliver(arrive);
    });

    public long Latency()
    {
        var ticks = (dice.Around(LatencyTicks) + (LatencyTicks / 4)) * engine.Slowness;
        return Has(FaultKind.Delay) && dice.Chance(DelayProbability) ? ticks + dice.Between(0, 200 * TimeSpan.TicksPerMillisecond) : ticks;
    }

    /// <summary>After some time, through the process's own gate: its timers and nobody's messages.</summary>
    public void AtHome(long ticks, Action act) => agenda.After(ticks, () => gate.Deliver(act));

    private void Arrive<T>(Func<T> perform, TaskCompletionSource<T> reply, long sentAt)
    {
        if (IsCut)
        {
            Lose(What.RequestLost, reply, sentAt);
            return;
        }

        if (engine.IsDown)
        {
            // Refused at once by the machine, or swallowed with it.
            if (dice.Chance(0.5))
                AtHome(Latency(), () => reply.TrySetException(Failure("refused the connection")));
            else
                Lose(What.RequestLost, reply, sentAt);
            return;
        }

        var result = perform();
        var latency = Latency();
        if (Loses() || agenda.Now + latency - sentAt > TimeoutTicks)
        {
            Lose(What.ReplyLost, reply, sentAt);
            return;
        }

        agenda.After(latency, () => Return(result, reply, sentAt));
    }

    private void Return<T>(T result, TaskCompletionSource<T> reply, long sentAt)
    {
        if (IsCut)
            Lose(What.ReplyLost, reply, sentAt);
        else
            gate.Deliver(() => reply.TrySetResult(result));
    }

    private bool Loses() => Has(FaultKind.Lost) && dice.Chance(LossProbability);

    private void Lose<T>(What what, TaskCompletionSource<T> reply, long sentAt)
    {
        Losses++;
        history.Note(agenda.Now, what, process, null);
        AtHome(sentAt + TimeoutTicks - agenda.Now, () => reply.TrySetException(Failure("did not answer in time")));
    }

    private static SharedTierException Failure(string what) => new($"The simulated engine {what}.");
}
