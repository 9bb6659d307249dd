using Millpond.Resp.Nodes;

namespace Millpond.Resp.Topologies;

/// <summary>Where the mode is to be found out: the first node that says it belongs to a cluster makes the client one of that cluster.</summary>
internal sealed class ClusterFinder(ClientCore core) : ILinkListener
{
    public ValueTask PrepareAsync(Established established, RespServer server)
    {
        // Before anything else is sent there: a command that went to the wrong node would come back with MOVED, which only a cluster's client understands.
        if (server.IsCluster && core.Topology is SingleTopology single)
        {
            core.Replace(single, new ClusterTopology(core.Parts, core));
            throw new RespException(RespErrorCode.ConnectionLost, $"{server.Node} belongs to a cluster; the client asks it for the others.");
        }

        return ValueTask.CompletedTask;
    }

    public void OnConnected(NodeLink link)
    {
    }

    public void OnLost(NodeLink link, RespException cause)
    {
    }
}
