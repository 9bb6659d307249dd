namespace Millpond.Shared;

/// <summary>
/// One uninterrupted life of a partition's state in the shared tier. A restart, a failover, a flush or a restored snapshot
/// begins another one, and nothing stamped under the old one counts as fresh any more. Random, so that two lives never look alike;
/// incarnations have no order.
/// </summary>
/// <param name="High">The upper 64 bits.</param>
/// <param name="Low">The lower 64 bits.</param>
public readonly record struct Incarnation(ulong High, ulong Low)
{
    /// <summary>No incarnation is known yet.</summary>
    public static Incarnation Unknown => default;

    /// <summary>Whether an engine has told its incarnation.</summary>
    public bool IsKnown => this != default;

    /// <inheritdoc/>
    public override string ToString() => $"{High:x16}{Low:x16}";
}

/// <summary>
/// The random name of one lease. 128 bits drawn for each lease, because a counter comes back after a restart (A6) and
/// a version comes back after an eviction (A5), while a nonce that was lost simply never matches again.
/// </summary>
/// <param name="High">The upper 64 bits.</param>
/// <param name="Low">The lower 64 bits.</param>
public readonly record struct Nonce(ulong High, ulong Low)
{
    /// <summary>No lease.</summary>
    public static Nonce None => default;

    /// <summary>Whether this names no lease.</summary>
    public bool IsNone => this == default;

    /// <summary>Sixteen bits that tell two leases apart, all but once in 32,768; 0 of none alone.</summary>
    internal ushort Mark => IsNone ? (ushort)0 : (ushort)(High ^ Low | 1);

    /// <inheritdoc/>
    public override string ToString() => $"{High:x16}{Low:x16}";
}
