namespace Millpond.Shared.InProcess;

/// <summary>What a tier held at one moment, to restart from. Nothing in it changes any more.</summary>
internal sealed record InProcessSnapshot(IReadOnlyDictionary<PartitionId, PartitionSnapshot> Partitions);

/// <summary>What one partition held.</summary>
internal sealed record PartitionSnapshot(IReadOnlyList<StoredRecord> Records, ControlRecord Control, Counters Counters)
{
    /// <summary>What is in a snapshot weighs nothing against the tier's limit.</summary>
    public static Ledger Weightless { get; } = new(new Budget(0));
}
