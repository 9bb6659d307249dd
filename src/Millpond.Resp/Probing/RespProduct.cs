namespace Millpond.Resp;

/// <summary>The servers that are told apart.</summary>
public enum RespProduct
{
    /// <summary>It did not say, or is none of these.</summary>
    Unknown,

    /// <summary>Redis.</summary>
    Redis,

    /// <summary>Valkey.</summary>
    Valkey,

    /// <summary>Garnet.</summary>
    Garnet,
}

/// <summary>What a node does in its deployment.</summary>
public enum RespRole
{
    /// <summary>It did not say.</summary>
    Unknown,

    /// <summary>It takes writes.</summary>
    Primary,

    /// <summary>It follows a primary.</summary>
    Replica,

    /// <summary>It watches others.</summary>
    Sentinel,
}
