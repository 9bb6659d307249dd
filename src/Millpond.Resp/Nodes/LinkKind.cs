namespace Millpond.Resp.Nodes;

/// <summary>What a connection is for.</summary>
internal enum LinkKind
{
    /// <summary>Commands, shared by all callers.</summary>
    Shared,

    /// <summary>Reads from a replica of a cluster, which wants to be told.</summary>
    Replica,

    /// <summary>Subscriptions.</summary>
    Pushes,

    /// <summary>Questions to a sentinel, which has a login of its own and no databases.</summary>
    Sentinel,
}
