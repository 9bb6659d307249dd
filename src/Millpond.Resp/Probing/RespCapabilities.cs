namespace Millpond.Resp;

/// <summary>What a server can do for us, found by trying, or by asking which commands it knows where trying would leave traces.</summary>
[Flags]
public enum RespCapabilities
{
    /// <summary>Nothing beyond plain commands.</summary>
    None = 0,

    /// <summary>Scripts (EVAL); one was run. Whether they are isolated is the server's affair: Garnet's are only in its transaction mode, which it does not tell.</summary>
    Scripts = 1,

    /// <summary>Functions (FUNCTION, FCALL).</summary>
    Functions = 2,

    /// <summary>Watched transactions (WATCH, MULTI, EXEC).</summary>
    Transactions = 4,

    /// <summary>SET with IFEQ: Valkey 8.1, Redis 8.4.</summary>
    CompareAndSet = 8,

    /// <summary>Deleting if equal: DELIFEQ (Valkey 9) or DELEX (Redis 8.4).</summary>
    CompareAndDelete = 16,

    /// <summary>Entity tags (SETIFMATCH, SETIFGREATER, DELIFGREATER): Garnet, not in its cluster mode.</summary>
    EntityTags = 32,

    /// <summary>Client tracking on the connection itself: what <see cref="RespChannel.Tracked"/> needs.</summary>
    Tracking = 64,

    /// <summary>Sharded channels.</summary>
    ShardedChannels = 128,
}
