namespace Millpond;

/// <summary>Where a value came from.</summary>
public enum ReadOrigin
{
    /// <summary>This process held it.</summary>
    Local,

    /// <summary>The shared tier held it.</summary>
    Shared,

    /// <summary>It was loaded from the source, for this caller or one it waited with.</summary>
    Source,

    /// <summary>Nowhere: it stands in for a value that could not be had (<see cref="KeyspaceBuilder{TKey, TValue}.Fallback"/>).</summary>
    Fallback,
}

/// <summary>Why a value that was served is not fresh.</summary>
public enum StaleReason
{
    /// <summary>It is fresh.</summary>
    None,

    /// <summary>Its time to live is over.</summary>
    Expired,

    /// <summary>Its key was invalidated and the keyspace serves stale values meanwhile.</summary>
    Invalidated,

    /// <summary>One of its tags, its tenant or its keyspace was invalidated.</summary>
    ScopeInvalidated,

    /// <summary>The shared tier began another life, or a gap in its pushes could not be closed.</summary>
    Incarnation,

    /// <summary>The push channel has been silent for two heartbeats.</summary>
    ChannelSilent,

    /// <summary>A change feed missed something or could not read it, so this may be what changed.</summary>
    Doubted,
}

/// <summary>A value and how it was come by.</summary>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
public readonly record struct Reading<TValue>
{
    /// <summary>Whether there is a value. False means the source has none (or, without a loader, no tier has one).</summary>
    public bool Found { get; init; }

    /// <summary>The value; default where not found.</summary>
    public TValue? Value { get; init; }

    /// <summary>Where it came from.</summary>
    public ReadOrigin Origin { get; init; }

    /// <summary>The time since its load began: it was current then.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>Why it is not fresh; <see cref="StaleReason.None"/> if it is.</summary>
    public StaleReason Stale { get; init; }

    /// <summary>When the load behind it had ended at the latest, on this process's clock.</summary>
    internal long LoadEndedBy { get; init; }

    /// <summary>Whether the caller waited for a load that another caller had begun.</summary>
    public bool Coalesced { get; init; }
}
