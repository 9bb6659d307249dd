namespace Millpond.Resp.Nodes;

/// <summary>Told of the beginnings and ends of a link's connections. Must be quick, and must not throw except from <see cref="PrepareAsync"/>.</summary>
internal interface ILinkListener
{
    /// <summary>Before a connection is used by anybody else. If it throws, the attempt to connect has failed.</summary>
    ValueTask PrepareAsync(Established established, RespServer server);

    void OnConnected(NodeLink link);

    /// <summary>A connection ended, or an attempt failed.</summary>
    void OnLost(NodeLink link, RespException cause);
}
