using Microsoft.Extensions.Logging;

namespace Millpond.Resp.Nodes;

/// <summary>What happens to connections, for the log.</summary>
internal sealed class LinkEvents(ILogger log)
{
    public void Connected(RespServer server) => log.LogInformation(
        "Connected to {Node}: {Product} {Version}, {Role}, RESP{Protocol}", server.Node, server.Product, server.Version, server.Role, server.Protocol);

    public void Lost(string node, RespException cause)
    {
        if (cause.Code != RespErrorCode.Disposed)
        {
            log.LogWarning("Lost the connection to {Node}: {Cause}", node, cause.Message);
        }
    }

    public void ConnectFailed(string node, RespException failure) => log.LogWarning("No connection to {Node}: {Failure}", node, failure.Message);
}
