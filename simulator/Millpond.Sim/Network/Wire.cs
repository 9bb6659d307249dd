using Millpond.Runtime;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Faults;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Network;

/// <summary>A server as its wires see it.</summary>
internal interface IServer
{
    bool IsDown { get; }

    /// <summary>How many times as long as usual each operation takes.</summary>
    int Slowness { get; }
}

/// <summary>
/// One process's way to a server and back. The fate of a message is drawn when it is sent: how long it takes, whether it arrives. So the asker's time-out is
/// planned only for messages that will not be answered in time.
/// </summary>
internal abstract class Wire(int process, IServer server, Gate gate, Surroundings surroundings, Agenda agenda, Dice dice, FaultKind faults, History history)
{
    private const long LatencyTicks = TimeSpan.TicksPerMillisecond / 4;
    private const double LossProbability = 0.002;
    private const double DelayProbability = 0.005;

    private FaultKind _faults = faults;

    public bool IsCut { get; set; }

    public int Process => process;

    public Agenda Agenda => agenda;

    public History History => history;

    public long Requests { get; private set; }

    /// <summary>How often each kind of trouble was met.</summary>
    public long Losses { get; private set; }

    /// <summary>When an asker gives up.</summary>
    protected virtual long TimeoutTicks => 300 * TimeSpan.TicksPerMillisecond;

    protected Gate Gate => gate;

    protected Dice Dice => dice;

    public void EndFaults() => (_faults, IsCut) = (FaultKind.None, false);

    public bool Has(FaultKind kind) => (_faults & kind) != 0;

    public bool Draw(double probability) => dice.Chance(probability);

    /// <summary>Sends a request, has the server do it when it arrives, brings the reply back.</summary>
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

        var way = WayThere();
        agenda.After(way, () => Arrive(perform, reply, sentAt));
        if (way > TimeoutTicks)
            AtHome(TimeoutTicks, () => reply.TrySetException(Unanswered()));
        return new(reply.Task);
    }

    public long Latency()
    {
        var ticks = (dice.Around(LatencyTicks) + (LatencyTicks / 4)) * server.Slowness;
        return Has(FaultKind.Delay) && dice.Chance(DelayProbability) ? ticks + dice.Between(0, 200 * TimeSpan.TicksPerMillisecond) : ticks;
    }

    /// <summary>After some time, through the process's own gate: its timers and nobody's messages.</summary>
    public void AtHome(long ticks, Action act) => agenda.After(ticks, () => gate.Deliver(act));

    protected virtual long WayThere() => Latency();

    /// <summary>What the asker is told whose request certainly was not done.</summary>
    protected abstract Exception Refused();

    /// <summary>What the asker is told who will never know.</summary>
    protected abstract Exception Unanswered();

    /// <summary>Does what was asked. What it throws is the server's answer.</summary>
    protected virtual void Perform<T>(Func<T> perform, Action<T> succeed, Action<Exception> fail) => succeed(perform());

    private void Arrive<T>(Func<T> perform, TaskCompletionSource<T> reply, long sentAt)
    {
        if (IsCut)
        {
            Lose(What.RequestLost, reply, sentAt);
            return;
        }

        if (server.IsDown)
        {
            // Refused at once by the machine, or swallowed with it.
            if (dice.Chance(0.5))
                AtHome(Latency(), () => reply.TrySetException(Refused()));
            else
                Lose(What.RequestLost, reply, sentAt);
            return;
        }

        Perform(perform, result => Answer(() => reply.TrySetResult(result), reply, sentAt), failure => Answer(() => reply.TrySetException(failure), reply, sentAt));
    }

    private void Answer<T>(Action tell, TaskCompletionSource<T> reply, long sentAt)
    {
        var latency = Latency();
        if (Loses() || agenda.Now + latency - sentAt > TimeoutTicks)
        {
            Lose(What.ReplyLost, reply, sentAt);
            return;
        }

        agenda.After(latency, () =>
        {
            if (IsCut)
                Lose(What.ReplyLost, reply, sentAt);
            else
                gate.Deliver(tell);
        });
    }

    private bool Loses() => Has(FaultKind.Lost) && dice.Chance(LossProbability);

    private void Lose<T>(What what, TaskCompletionSource<T> reply, long sentAt)
    {
        Losses++;
        history.Note(agenda.Now, what, process, null);
        AtHome(sentAt + TimeoutTicks - agenda.Now, () => reply.TrySetException(Unanswered()));
    }
}
