namespace Millpond.Shared;

/// <summary>
/// A slice of one keyspace that has its own control record: its own sequence, floors and push channel. An engine that
/// spreads a keyspace over several nodes gives it several partitions; the others give it one.
/// </summary>
/// <param name="Keyspace">The keyspace's full name in the shared tier, with prefix and version: <c>shop:product:v3</c>.</param>
/// <param name="Index">From 0 to <see cref="SharedTierCapabilities.PartitionsPerKeyspace"/> - 1.</param>
public readonly record struct PartitionId(string Keyspace, int Index)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Keyspace}#{Index}";
}

/// <summary>Names one entry in the shared tier.</summary>
/// <param name="Partition">The partition that the key belongs to.</param>
/// <param name="Text">The key as text, already validated and escaped; with the tenant, where the keyspace has tenants.</param>
public readonly record struct SharedKey(PartitionId Partition, string Text);
