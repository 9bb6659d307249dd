namespace Millpond.Shared;

/// <summary>The reply to a read.</summary>
public readonly record struct ReadReply
{
    /// <summary>The record's value half, or null if the key has none (absent, or a lease without a value).</summary>
    public SharedRecord? Record { get; init; }

    /// <summary>How long ago the record's load began, measured by the engine when it answered.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>Whether a change left the record in place as a stale value.</summary>
    public bool IsInvalidated { get; init; }

    /// <summary>How long ago that change was, the first of them if several passed over the value; zero where <see cref="IsInvalidated"/> is false.</summary>
    public TimeSpan InvalidatedFor { get; init; }

    /// <summary>What became of the lease that was asked for.</summary>
    public LeaseOutcome Lease { get; init; }

    /// <summary>The partition's state in the same atomic step. For a granted lease, its sequence is the stamp of the load.</summary>
    public PartitionState State { get; init; }
}

/// <summary>The reply to an ask for a lease.</summary>
/// <param name="Outcome">Granted or held.</param>
/// <param name="State">The partition's state in the same atomic step; its sequence is the stamp of the load.</param>
public readonly record struct LeaseReply(LeaseOutcome Outcome, PartitionState State);

/// <summary>A value on its way into the shared tier.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Nonce">The lease it is stored under.</param>
/// <param name="Record">The value.</param>
/// <param name="SinceGrant">How long before it sent this the sender had been told of its lease, on its own clock. The engine knows how long ago it granted
/// the lease; what that is longer was spent between the two, and the value is older by it (A40). Too small a span errs to the old side.</param>
public readonly record struct Fill(SharedKey Key, Nonce Nonce, SharedRecord Record, TimeSpan SinceGrant);

/// <summary>What became of a fill.</summary>
public enum FillOutcome
{
    /// <summary>The value is stored and the lease has ended.</summary>
    Stored,

    /// <summary>The record no longer holds the lease (a change, another writer, its time), so nothing was stored.</summary>
    LeaseLost,

    /// <summary>The partition is in another incarnation than the lease, so nothing was stored.</summary>
    OtherIncarnation,
}

/// <summary>The reply to a fill.</summary>
/// <param name="Outcome">Stored, or why not.</param>
/// <param name="State">The partition's state after it. For a fill under a write lease, its sequence is the number of the change.</param>
public readonly record struct FillReply(FillOutcome Outcome, PartitionState State);

/// <summary>The reply to a change or to an unconditional store.</summary>
/// <param name="State">The partition's state after it; its sequence is the number of the last change made.</param>
public readonly record struct ChangeReply(PartitionState State);

/// <summary>A partition's control record, and what changed since a sequence that the asker knew.</summary>
public sealed class ControlReply
{
    /// <summary>Incarnation and sequences.</summary>
    public required PartitionState State { get; init; }

    /// <summary>The floor of the whole keyspace: entries stamped below it are stale. 0 if it never changed.</summary>
    public required long KeyspaceFloor { get; init; }

    /// <summary>The floors of scopes, in the form of <see cref="Scope"/>.</summary>
    public required IReadOnlyDictionary<string, long> Floors { get; init; }

    /// <summary>Every change after the sequence that was asked about, in order and without a hole; null if the engine no longer knows
    /// them all, and then whatever the asker holds is soft-stale.</summary>
    public IReadOnlyList<SequencedChange>? ChangesSince { get; init; }
}
