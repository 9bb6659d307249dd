namespace Millpond.Shared.InProcess;

/// <summary>What an <see cref="InProcessSharedTier"/> keeps, and how much of it.</summary>
public sealed record InProcessSharedTierOptions
{
    /// <summary>
    /// How many bytes of records the tier holds, over all keyspaces: the encoded record, its key and 320 bytes of overhead each. 0, the default, holds
    /// no values at all: the tier then only coordinates (leases, sequences, floors, counters) and values live in the local tier alone.
    /// </summary>
    public long PayloadBytesMax { get; init; }

    /// <summary>How many scopes of a partition have a floor of their own; past it the oldest merge into the floor of the whole
    /// keyspace, which makes more stale than changed but never less. Default 10,000.</summary>
    public int FloorsMax { get; init; } = 10_000;

    /// <summary>How many changes of a partition are remembered for those who missed a push. Default 1,024.</summary>
    public int ChangeLogMax { get; init; } = 1_024;

    /// <summary>Into how many partitions a keyspace is cut; each has a lock of its own. Default 1.</summary>
    public int PartitionsPerKeyspace { get; init; } = 1;

    internal InProcessSharedTierOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(PayloadBytesMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(FloorsMax, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(ChangeLogMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(PartitionsPerKeyspace, 1);
        return this;
    }
}
