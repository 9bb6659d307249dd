namespace Millpond.Resp.Nodes;

/// <summary>Where a link stands.</summary>
internal enum LinkState
{
    /// <summary>Nobody needed it yet.</summary>
    Idle,

    /// <summary>The first attempt since all was well: whoever comes waits for it.</summary>
    Connecting,

    /// <summary>In use.</summary>
    Connected,

    /// <summary>An attempt failed, and more follow: whoever comes is told at once.</summary>
    Down,

    /// <summary>The end.</summary>
    Disposed,
}
