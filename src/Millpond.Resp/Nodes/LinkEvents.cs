using Microsoft.Extensions.Logging;
using Millpond.Resp.Telemetry;

namespace Millpond.Resp.Nodes;

/// <summary>What happens to connections, for the log and the meter.</summary>
internal sealed class LinkEvents(ILogger log)
{
    public void Connected(RespServer server)
    {
        RespMetrics.Connected(server.Node);
        log.LogInformation(
            "Connected to {Node}: {Product} {Version}, {Role}, RESP{Protocol}", server.Node, server.Product, server.Version, server.Role, server.Protocol);
    }

    public void Lost(string node, RespException cause)
    {
        if (cause.Code != RespErrorCode.Disposed)
        {
            RespMetrics.Lost(node, cause);
            log.LogWarning("Lost the connection to {Node}: {Cause}", node, cause.Message);
        }
    }

    public void ConnectFailed(string node, RespException failure)
    {
        RespMetrics.Lost(node, failure);
        log.LogWarning("No connection to {Node}: {Failure}", node, failure.Message);
    }
}
