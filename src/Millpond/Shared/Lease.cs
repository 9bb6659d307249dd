namespace Millpond.Shared;

/// <summary>What a lease is for, and so whom it may displace.</summary>
public enum LeasePurpose
{
    /// <summary>To load the key. Granted only while nobody else holds a lease on it.</summary>
    Load,

    /// <summary>To write the key's source. Displaces whoever holds the lease: a load that began before the write must not be stored
    /// after it, and of two writers only the one that began last may store.</summary>
    Write,

    /// <summary>To go on holding a lease: its time begins anew. Grants nothing, because what its holder does under it began before this ask; whoever does not hold the lease
    /// under this nonce any more learns so (<see cref="LeaseOutcome.None"/>).</summary>
    Extend,
}

/// <summary>A wish for a lease, sent with a read or on its own.</summary>
/// <param name="Nonce">The name the lease will have; drawn by the asker for this ask alone.</param>
/// <param name="Time">How long the lease lives if nobody ends it; above the slowest load worth waiting for.</param>
/// <param name="Purpose">Load, write or extend; a read asks to load, whatever is said here.</param>
public readonly record struct LeaseAsk(Nonce Nonce, TimeSpan Time, LeasePurpose Purpose = LeasePurpose.Load);

/// <summary>What became of a <see cref="LeaseAsk"/>.</summary>
public enum LeaseOutcome
{
    /// <summary>None was asked for, or the record had a value and so none was needed, or there was none to extend.</summary>
    None,

    /// <summary>The asker holds the lease from this reply on. Its load must begin after the reply (rule 4).</summary>
    Granted,

    /// <summary>Somebody else holds the key's lease.</summary>
    Held,

    /// <summary>The asker held the lease already, under the same nonce; its time has begun anew. An ask that was sent twice ends so too.</summary>
    Renewed,
}
