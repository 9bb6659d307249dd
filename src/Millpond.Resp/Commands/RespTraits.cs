namespace Millpond.Resp;

/// <summary>What the client may do with a command, beyond sending it once to the node that owns its key.</summary>
[Flags]
public enum RespTraits
{
    /// <summary>Nothing more: it is never sent twice once it may have reached a server.</summary>
    None = 0,

    /// <summary>Executing it twice leaves what executing it once leaves, and answers as well. It is repeated when a connection is lost under it.</summary>
    Idempotent = 1,

    /// <summary>A replica may answer it, with what it has.</summary>
    FromReplica = 2,

    /// <summary>Its reply may be large. It travels on a connection of its own kind, where it delays no small ones. Commands that are large themselves do so unasked.</summary>
    Large = 4,
}
