using Millpond.Runtime;

namespace Millpond.Testing.Faults;

/// <summary>What happens to the pushes of a <see cref="FaultySharedTier"/>. Nothing, until a test says otherwise.</summary>
public sealed class PushFaults
{
    private readonly Surroundings _surroundings;
    private readonly Random _chance;
    private readonly Lock _gate = new();
    private readonly List<FaultyChannel> _channels = [];

    internal PushFaults(Surroundings surroundings, Random chance) => (_surroundings, _chance) = (surroundings, chance);

    /// <summary>Whether every push is lost in silence, on channels that look alive (A32, A36).</summary>
    public bool AreLost { get; set; }

    /// <summary>How likely a push is lost, from 0 (the default) to 1.</summary>
    public double Loss { get; set; }

    /// <summary>Whether each push arrives twice.</summary>
    public bool AreRepeated { get; set; }

    /// <summary>Whether pushes wait until <see cref="DeliverHeld"/> or <see cref="DeliverHeldReversed"/>.</summary>
    public bool AreHeld { get; set; }

    /// <summary>How long each push is under way. Default zero: it arrives before the change that caused it returns.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Up to how much longer than <see cref="Delay"/> a push may take, by chance; so pushes overtake each other. Default zero.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>Delivers what was held, in order.</summary>
    public void DeliverHeld()
    {
        foreach (FaultyChannel channel in Channels())
            channel.DeliverHeld(inReverse: false);
    }

    /// <summary>Delivers what was held, the newest first.</summary>
    public void DeliverHeldReversed()
    {
        foreach (FaultyChannel channel in Channels())
            channel.DeliverHeld(inReverse: true);
    }

    /// <summary>Breaks every channel and tells its sink; what was under way is lost. New subscriptions work.</summary>
    /// <param name="reason">What the sinks are told.</param>
    public void BreakChannels(string reason)
    {
        foreach (FaultyChannel channel in Channels())
            channel.Break(reason);
    }

    /// <summary>Kills every channel and tells nobody: the half-open connection (A35). New subscriptions work.</summary>
    public void SilenceChannels()
    {
        foreach (FaultyChannel channel in Channels())
            channel.Silence();
    }

    internal void Add(FaultyChannel channel)
    {
        lock (_gate)
            _channels.Add(channel);
    }

    internal void Remove(FaultyChannel channel)
    {
        lock (_gate)
            _channels.Remove(channel);
    }

    internal bool Loses()
    {
        lock (_gate)
            return AreLost || (Loss > 0 && _chance.NextDouble() < Loss);
    }

    /// <summary>Zero means at once.</summary>
    internal TimeSpan NextDelay()
    {
        lock (_gate)
            return Jitter > TimeSpan.Zero ? Delay + (Jitter * _chance.NextDouble()) : Delay;
    }

    /// <summary>The timer is kept by what it calls until it has fired.</summary>
    internal void After(TimeSpan delay, Action action)
    {
        ITimer? timer = null;
        timer = _surroundings.Time.CreateTimer(
            _ =>
            {
                timer?.Dispose();
                action();
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private FaultyChannel[] Channels()
    {
        lock (_gate)
            return [.. _channels];
    }
}
