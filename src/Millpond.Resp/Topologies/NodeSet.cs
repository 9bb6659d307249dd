using System.Collections.Concurrent;
using Millpond.Resp.Nodes;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Topologies;

/// <summary>The nodes of a deployment that changes: each endpoint once, and those that are no longer part of it kept until what is in flight there has ended.</summary>
internal sealed class NodeSet(NodeParts parts, LinkKind kind, ILinkListener? listener)
{
    private readonly ConcurrentDictionary<RespEndpoint, Node> _nodes = new();
    private readonly List<(Node Node, long Until)> _leaving = [];
    private bool _isDisposed;

    public IReadOnlyList<Node> All => [.. _nodes.Values];

    public Node Get(RespEndpoint endpoint)
    {
        if (_nodes.TryGetValue(endpoint, out var node))
        {
            return node;
        }

        var made = new Node(endpoint, kind, parts, listener);
        node = _nodes.GetOrAdd(endpoint, made);
        if (node != made || Volatile.Read(ref _isDisposed))
        {
            made.Dispose();
        }

        return node;
    }

    public void Count(ActivityCount count)
    {
        foreach (var node in _nodes.Values)
        {
            node.Count(count);
        }

        lock (_leaving)
        {
            _leaving.ForEach(l => l.Node.Count(count));
        }
    }

    public void Keep(IReadOnlySet<RespEndpoint> wanted)
    {
        foreach (var endpoint in _nodes.Keys.Where(e => !wanted.Contains(e)))
        {
            if (_nodes.TryRemove(endpoint, out var node))
            {
                lock (_leaving)
                {
                    _leaving.Add((node, parts.Surroundings.Now + parts.Options.CommandTimeout.Ticks));
                }
            }
        }
    }

    public void Sweep(long now)
    {
        foreach (var node in _nodes.Values)
        {
            node.Sweep(now);
        }

        lock (_leaving)
        {
            foreach (var leaving in _leaving.ToArray())
            {
                leaving.Node.Sweep(now);
                if (now >= leaving.Until || !leaving.Node.IsBusy)
                {
                    leaving.Node.Dispose();
                    _leaving.Remove(leaving);
                }
            }
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _isDisposed, true);
        Interlocked.MemoryBarrier();
        foreach (var node in _nodes.Values)
        {
            node.Dispose();
        }

        lock (_leaving)
        {
            _leaving.ForEach(l => l.Node.Dispose());
        }
    }
}
