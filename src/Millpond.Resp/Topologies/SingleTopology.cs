using Millpond.Resp.Commands;
using Millpond.Resp.Nodes;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Topologies;

/// <summary>One node. If several endpoints are given they are ways to it, or stand-ins: the next is used when one cannot be reached.</summary>
internal sealed class SingleTopology : Topology
{
    private readonly Node[] _nodes;
    private int _current;

    private readonly IDispatcher _dispatcher;

    public SingleTopology(NodeParts parts, IDispatcher dispatcher, ILinkListener? listener)
    {
        _dispatcher = dispatcher;
        _nodes = [.. parts.Options.Endpoints.Select(e => new Node(e, LinkKind.Shared, parts, listener))];
    }

    public override IReadOnlyList<Node> Nodes => _nodes;

    public override void Begin() => Current().Begin();

    public override Node Find(int slot, RespTraits traits) => Current();

    public override void Count(ActivityCount count)
    {
        foreach (var node in _nodes)
        {
            node.Count(count);
        }
    }

    public override void Dispose()
    {
        foreach (var node in _nodes)
        {
            node.Dispose();
        }
    }

    public override void Route(Pending pending) => Current().Send(pending);

    public override bool TrySendAgain(Pending pending, RespException cause)
    {
        if (cause.Code == RespErrorCode.ConnectionLost || (_nodes.Length > 1 && cause.Code == RespErrorCode.NotConnected && !Current().IsDown))
        {
            _dispatcher.Dispatch(pending);
            return true;
        }

        return false;
    }

    // A client that does not know yet that it talks to a cluster moves its subscriptions when it does.
    public override IReadOnlyCollection<RespEndpoint> WhereToListen(RespChannel channel, IReadOnlyCollection<RespEndpoint> now) => [Current().Endpoint];

    private Node Current()
    {
        var current = Volatile.Read(ref _current);
        var node = _nodes[current];
        for (var i = 1; i < _nodes.Length && node.IsDown; i++)
        {
            // Several may move on at once; any of them is right.
            current = (current + 1) % _nodes.Length;
            node = _nodes[current];
            Volatile.Write(ref _current, current);
        }

        return node;
    }
}
