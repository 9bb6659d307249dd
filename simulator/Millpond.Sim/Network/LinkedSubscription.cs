using Millpond.Shared;
using Millpond.Sim.Faults;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Network;

/// <summary>A process's push channel for one partition. Messages travel one by one, each with its own fate, so they overtake each other.</summary>
internal sealed class LinkedSubscription(Link link, PartitionId partition, IPushSink sink) : IPushSink, IAsyncDisposable
{
    private const double LossProbability = 0.02;
    private const double RepeatProbability = 0.02;
    private const double LateProbability = 0.03;
    private const long LateTicks = 400 * TimeSpan.TicksPerMillisecond;

    private IAsyncDisposable? _atEngine;

    public bool HasEnded { get; private set; }

    /// <summary>Half open: nothing comes, and nobody says so.</summary>
    public bool IsSilent { get; set; }

    /// <summary>At the engine.</summary>
    public bool Begin()
    {
        if (!HasEnded)
            _atEngine = link.Engine.Tier.SubscribeAsync(partition, this, default).Result;
        return true;
    }

    /// <summary>At the engine: a change was made.</summary>
    public void OnChange(PartitionId partition, Incarnation incarnation, in SequencedChange change)
    {
        if (IsSilent || link.IsCut || (link.Has(FaultKind.Push) && link.Draw(LossProbability)))
            return;
        var message = change;
        Send(incarnation, message);
        if (link.Has(FaultKind.Push) && link.Draw(RepeatProbability))
            Send(incarnation, message);
    }

    /// <summary>At the engine: it went away. Often the process hears of it; sometimes the connection only falls silent.</summary>
    public void OnBroken(PartitionId partition, string reason)
    {
        _atEngine = null;
        if (link.Has(FaultKind.Channel) && link.Draw(0.3))
            IsSilent = true;
        else
            Break(reason);
    }

    public void Break(string reason)
    {
        if (HasEnded)
            return;
        EndAtEngine();
        link.AtHome(link.Latency(), () =>
        {
            if (HasEnded)
                return;
            HasEnded = true;
            link.History.Note(link.Agenda.Now, What.ChannelBroke, link.Process, null);
            sink.OnBroken(partition, reason);
        });
    }

    public ValueTask DisposeAsync()
    {
        HasEnded = true;
        EndAtEngine();
        return default;
    }

    private void Send(Incarnation incarnation, SequencedChange change)
    {
        var ticks = link.Latency();
        if (link.Has(FaultKind.Push) && link.Draw(LateProbability))
            ticks += LateTicks;
        link.Push(ticks, () =>
        {
            if (HasEnded)
                return;
            sink.OnChange(partition, incarnation, change);
        });
    }

    private void EndAtEngine()
    {
        _atEngine?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _atEngine = null;
    }
}
