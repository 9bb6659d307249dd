namespace Millpond.Shared;

/// <summary>What an engine can do, found out from the live server and not from its name.</summary>
public sealed record SharedTierCapabilities
{
    /// <summary>For people: product and version.</summary>
    public required string Product { get; init; }

    /// <summary>Whether records keep values. If not, the tier only coordinates (leases, sequences, floors, counters) and values live
    /// in local tiers alone; then nothing is encoded.</summary>
    public required bool HoldsValues { get; init; }

    /// <summary>Whether a push can never be lost, because the tier is in this very process. Then no heartbeat is needed.</summary>
    public required bool PushIsLossless { get; init; }

    /// <summary>How often a process asks for a partition's state to find out whether a push was lost. After two of these without an
    /// answer, nothing held counts as fresh. Ignored where push is lossless.</summary>
    public TimeSpan HeartbeatPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Into how many partitions a keyspace is cut. Every process must cut alike.</summary>
    public int PartitionsPerKeyspace { get; init; } = 1;

    /// <summary>The largest record the engine takes, in bytes.</summary>
    public long RecordBytesMax { get; init; } = 512L << 20;

    /// <summary>What cannot be guaranteed on this server, each as a sentence; shown at start-up and in the health check.</summary>
    public IReadOnlyList<string> Shortfalls { get; init; } = [];
}
