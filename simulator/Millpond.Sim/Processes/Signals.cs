using Millpond.Events;
using Millpond.Overload;
using Millpond.Sim.Clockwork;

namespace Millpond.Sim.Processes;

/// <summary>When a process last said that something is wrong with its shared tier, by keyspace: I9 asks for it.</summary>
internal sealed class Signals(Agenda agenda) : CacheListener
{
    private readonly Dictionary<string, long> _degradedAt = [];

    public long FillsRefused { get; private set; }

    public long ChangesDeferred { get; private set; }

    public long EpochsBegun { get; private set; }

    public long GapsClosed { get; private set; }

    /// <summary>Virtual ticks; <see cref="long.MinValue"/> if it never did. Both the short and the full name of a keyspace are known.</summary>
    public long DegradedAt(string keyspace) => _degradedAt.GetValueOrDefault(keyspace, long.MinValue);

    public override void On(in FillRefused e) => FillsRefused++;

    public override void On(in SharedTierFailed e) => _degradedAt[e.Keyspace] = agenda.Now;

    public override void On(in SharedTierBreakerChanged e)
    {
        if (e.State == BreakerState.Open)
            _degradedAt[e.Partition.Keyspace] = agenda.Now;
    }

    public override void On(in ChangeDeferred e)
    {
        if (e.Failure is not null)
            ChangesDeferred++;
    }

    public override void On(in ChannelEvent e)
    {
        if (e.Kind is ChannelEventKind.Lost or ChannelEventKind.OtherIncarnation)
            EpochsBegun++;
        if (e.Kind == ChannelEventKind.GapClosed)
            GapsClosed++;
        if (e.Kind != ChannelEventKind.Restored)
            _degradedAt[e.Partition.Keyspace] = agenda.Now;
    }
}
