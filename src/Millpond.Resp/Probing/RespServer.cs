namespace Millpond.Resp;

/// <summary>What a node said of itself when its connection was made.</summary>
public sealed record RespServer
{
    /// <summary>As host:port or path.</summary>
    public required string Node { get; init; }

    /// <summary>What it is.</summary>
    public RespProduct Product { get; init; }

    /// <summary>The product's own version; 0.0 if it did not say.</summary>
    public Version Version { get; init; } = new(0, 0);

    /// <summary>The protocol spoken with it: 2 or 3.</summary>
    public int Protocol { get; init; } = 2;

    /// <summary>What it does in its deployment.</summary>
    public RespRole Role { get; init; }

    /// <summary>Whether it is a node of a cluster.</summary>
    public bool IsCluster { get; init; }

    /// <summary>Names one process of the server: another after each restart. Null if it did not say.</summary>
    public string? RunId { get; init; }

    /// <summary>Names one history of the data: another after a failover. Null if it did not say.</summary>
    public string? ReplicationId { get; init; }

    /// <summary>How far that history is, in bytes; -1 if it did not say.</summary>
    public long ReplicationOffset { get; init; } = -1;

    /// <summary>
    /// Names one uninterrupted life of the data behind a connection: it changes with a restart, a failover and a history that runs back. What was known of the data before
    /// is then no longer known.
    /// </summary>
    public string Incarnation { get; init; } = "";
}
