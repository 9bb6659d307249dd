using Millpond.Resp.Commands;
using Millpond.Resp.Nodes;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Topologies;

/// <summary>
/// A cluster: each slot has a primary. The map of slots is asked from any node at first, when a node is lost, when a reply says MOVED or CLUSTERDOWN, and once in a while; never more often than
/// <see cref="Refresh.Rest"/>.
/// </summary>
/// <remarks>
/// A MOVED corrects its own slot at once, so commands do not wait for the refresh that it causes. A command that cannot be sent now, because its slot's node is away or the cluster is electing, waits
/// and is tried again until its deadline.
/// </remarks>
internal sealed class ClusterTopology : Topology, ILinkListener
{
    // For what nobody notices otherwise: a new replica, a slot that nobody asks for.
    private static readonly TimeSpan RefreshedAtLeast = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromMilliseconds(750);
    private const int RedirectionsMax = 8;

    private readonly NodeParts _parts;
    private readonly NodeSet _nodes;
    private readonly NodeSet _replicas;
    private readonly Refresh _refresh;
    private readonly Postponed _postponed;
    private readonly IDispatcher _dispatcher;
    private SlotMap? _map;
    private string? _failure;
    private long _refreshAt;

    public ClusterTopology(NodeParts parts, IDispatcher dispatcher)
    {
        (_parts, _dispatcher) = (parts, dispatcher);
        _nodes = new NodeSet(parts, LinkKind.Shared, this);
        _replicas = new NodeSet(parts, LinkKind.Replica, null);
        _postponed = new Postponed(parts);
        _refresh = new Refresh(parts.Surroundings, RefreshAsync);
    }

    public override bool IsDivided => true;

    public override IReadOnlyList<Node> Nodes => [.. _nodes.All, .. _replicas.All];

    public override void Begin() => _refresh.Request();

    public override Node? Find(int slot, RespTraits traits)
    {
        if (Volatile.Read(ref _map) is not { } map)
        {
            return null;
        }

        if (slot is < 0 or >= RespSlot.Count)
        {
            return map.Any(slot: 0, n => n.IsConnected) ?? map.Any(slot: 0, _ => true);
        }

        return (traits & RespTraits.FromReplica) != 0 ? ReplicaOf(map, slot) ?? map.Primary(slot) : map.Primary(slot);
    }

    public override void Route(Pending pending)
    {
        pending.IsAsking = false;
        if (Find(pending.Slot, pending.Traits) is { } node)
        {
            node.Send(pending);
            return;
        }

        var cause = _map is null
            ? new RespException(RespErrorCode.NotConnected, $"{pending.Name} was not sent: no node of the cluster has told yet who serves which slot. {_failure}") { Command = pending.Name }
            : new RespException(RespErrorCode.NotConnected, $"{pending.Name} was not sent: no node serves slot {pending.Slot}. Look at CLUSTER INFO: the cluster does not cover all slots.") { Command = pending.Name };
        _postponed.Add(pending, cause);
        _refresh.Request();
    }

    public override bool TryRedirect(Pending pending, ReadOnlySpan<byte> error, string node)
    {
        var kind = Redirections.Of(error);
        if (kind == Redirection.None)
        {
            return false;
        }

        if (kind == Redirection.Later)
        {
            _postponed.Add(pending, RespServerException.From(error, pending.Name, node));
            _refresh.Request();
            return true;
        }

        RespEndpoint.TryParse(node, RespEndpoint.DefaultPort, out var asked);
        if (pending.Attempts >= RedirectionsMax || !SlotReport.TryReadRedirection(Redirections.TextOf(error), asked, out var slot, out var endpoint))
        {
            return false;
        }

        var target = _nodes.Get(endpoint);
        if (kind == Redirection.Moved)
        {
            Volatile.Read(ref _map)?.Correct(slot, target);
            _refresh.Request();
        }

        pending.Attempts++;
        pending.IsAsking = kind == Redirection.Ask;
        target.Send(pending);
        return true;
    }

    public override bool TrySendAgain(Pending pending, RespException cause)
    {
        _refresh.Request();
        if (cause.Code == RespErrorCode.ConnectionLost)
        {
            _dispatcher.Dispatch(pending);
            return true;
        }

        // Disposed: not the client but the node, which left the cluster just now.
        if (cause.Code is RespErrorCode.NotConnected or RespErrorCode.Disposed)
        {
            _postponed.Add(pending, cause);
            return true;
        }

        return false;
    }

    public override IReadOnlyCollection<RespEndpoint> WhereToListen(RespChannel channel, IReadOnlyCollection<RespEndpoint> now)
    {
        if (Volatile.Read(ref _map) is not { } map)
        {
            return [];
        }

        if (channel.Kind == RespChannelKind.Sharded)
        {
            return map.Primary(RespSlot.Of(System.Text.Encoding.UTF8.GetBytes(channel.Name))) is { } owner ? [owner.Endpoint] : [];
        }

        // Changes of keys are told by the node that has them, plain messages by any.
        var primaries = _nodes.All.Select(n => n.Endpoint).ToList();
        return channel.Kind == RespChannelKind.Tracked ? primaries
            : now.FirstOrDefault(primaries.Contains) is { Host: not null } kept && IsUsable(kept) ? [kept]
            : primaries.FirstOrDefault(IsUsable) is { Host: not null } other ? [other] : [];
    }

    public override void LookAgain() => _refresh.Request();

    public override void Sweep(long now)
    {
        _nodes.Sweep(now);
        _replicas.Sweep(now);
        if (now >= Volatile.Read(ref _refreshAt) && _map is not null)
        {
            _refresh.Request();
        }

        _refresh.Sweep(now);
        _postponed.Sweep(now, _dispatcher);
    }

    public override void Count(ActivityCount count)
    {
        count.Waiting += _postponed.Count;
        _nodes.Count(count);
        _replicas.Count(count);
    }

    public override void Dispose()
    {
        _postponed.FailAll(RespErrors.Disposed());
        _nodes.Dispose();
        _replicas.Dispose();
    }

    ValueTask ILinkListener.PrepareAsync(Established established, RespServer server) => ValueTask.CompletedTask;

    void ILinkListener.OnConnected(NodeLink link)
    {
    }

    void ILinkListener.OnLost(NodeLink link, RespException cause) => _refresh.Request();

    private bool IsUsable(RespEndpoint endpoint) => !_nodes.Get(endpoint).IsDown;

    private Node? ReplicaOf(SlotMap map, int slot)
    {
        var replicas = map.Replicas(slot);
        for (int i = 0, start = (int)(_parts.Surroundings.NextDouble() * replicas.Length); i < replicas.Length; i++)
        {
            if (_replicas.Get(replicas[(start + i) % replicas.Length]) is { IsDown: false } replica)
            {
                return replica;
            }
        }

        return null;
    }

    // Never throws: nobody awaits it.
    private async Task RefreshAsync()
    {
        Volatile.Write(ref _refreshAt, _parts.Surroundings.Now + RefreshedAtLeast.Ticks);
        var candidates = _nodes.All.OrderByDescending(n => n.IsConnected).ThenBy(_ => _parts.Surroundings.NextDouble()).Select(n => n.Endpoint)
            .Concat(_parts.Options.Endpoints).Distinct().ToList();
        foreach (var endpoint in candidates)
        {
            try
            {
                var reply = await new NodeDispatcher(_nodes.Get(endpoint), _parts, AnswerMax).SendAsync("CLUSTER", "SLOTS").ConfigureAwait(false);
                if (SlotReport.Read(reply, endpoint) is { Count: > 0 } ranges)
                {
                    Apply(ranges);
                    _postponed.Hurry(_dispatcher);
                    return;
                }
            }
            catch (RespException failure)
            {
                _failure = "Last failure: " + failure.Message;
            }
        }

        // Nobody answered, or nobody knows of any slot: again after the rest.
        _refresh.Request();
    }

    private void Apply(List<SlotRange> ranges)
    {
        var map = new SlotMap();
        foreach (var range in ranges)
        {
            map.Set(range, _nodes.Get(range.Nodes[0]), [.. range.Nodes.Skip(1)]);
        }

        Volatile.Write(ref _map, map);
        _nodes.Keep(ranges.Select(r => r.Nodes[0]).ToHashSet());
        _replicas.Keep(ranges.SelectMany(r => r.Nodes.Skip(1)).ToHashSet());
    }
}
