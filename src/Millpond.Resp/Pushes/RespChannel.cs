namespace Millpond.Resp;

/// <summary>What can be subscribed to.</summary>
/// <param name="Name">A channel's name, a pattern, or a prefix of keys.</param>
/// <param name="Kind">Which of these.</param>
public readonly record struct RespChannel(string Name, RespChannelKind Kind)
{
    /// <summary>A channel that every node of a cluster delivers.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The channel.</returns>
    public static RespChannel Plain(string name) => new(name, RespChannelKind.Plain);

    /// <summary>All channels whose names match a pattern with <c>*</c>, <c>?</c> and <c>[...]</c>.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <returns>The channel.</returns>
    public static RespChannel Pattern(string pattern) => new(pattern, RespChannelKind.Pattern);

    /// <summary>A channel that belongs to a slot as a key does, so that its messages stay on that slot's nodes. Since Redis 7 and Valkey.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The channel.</returns>
    public static RespChannel Sharded(string name) => new(name, RespChannelKind.Sharded);

    /// <summary>The keys with a prefix, as the server's client tracking tells of their changes; broadcast mode, whoever changes them. Since Redis 6 and Valkey, with protocol 3; not Garnet.</summary>
    /// <param name="prefix">The prefix; empty for all keys.</param>
    /// <returns>The channel.</returns>
    public static RespChannel Tracked(string prefix) => new(prefix, RespChannelKind.Tracked);
}

/// <summary>Kinds of channels.</summary>
public enum RespChannelKind
{
    /// <summary>Messages that somebody published.</summary>
    Plain,

    /// <summary>The same, by a pattern of names.</summary>
    Pattern,

    /// <summary>The same, kept on the nodes of the channel's slot.</summary>
    Sharded,

    /// <summary>Keys that changed.</summary>
    Tracked,
}
