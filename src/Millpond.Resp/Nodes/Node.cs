using Millpond.Resp.Commands;
using Millpond.Resp.Connections;
using Millpond.Resp.Probing;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Nodes;

/// <summary>One server: the connections that all callers share, and one for what is large, made when first needed.</summary>
internal sealed class Node : IDisposable
{
    private readonly NodeLink[] _shared;
    private readonly NodeLink _large;
    private readonly NodeParts _parts;
    private readonly int _largeBytes;
    private Probed? _probed;

    public Node(RespEndpoint endpoint, LinkKind kind, NodeParts parts, ILinkListener? listener = null)
    {
        (Endpoint, _parts, _largeBytes) = (endpoint, parts, parts.Options.Queues.LargeBytes);
        var incarnations = new IncarnationWatch();
        var count = kind == LinkKind.Sentinel ? 1 : parts.Options.Connections;
        _shared = new NodeLink[count];
        for (var i = 0; i < count; i++)
        {
            _shared[i] = new NodeLink(new Connector(endpoint, kind, parts, incarnations) { Listener = i == 0 ? listener : null }, parts);
        }

        _large = new NodeLink(new Connector(endpoint, kind, parts, incarnations), parts);
    }

    public RespEndpoint Endpoint { get; }

    public RespServer? Server => _shared[0].Server;

    public bool IsConnected => _shared[0].IsConnected;

    public bool IsDown => _shared[0].IsDown;

    public int InFlight => _shared.Sum(l => l.InFlight) + _large.InFlight;

    /// <summary>Whether commands are in flight or wait for a connection.</summary>
    public bool IsBusy => _shared.Append(_large).Any(l => l.InFlight > 0 || l.Waiting > 0);

    public void Count(ActivityCount count)
    {
        foreach (var link in _shared)
        {
            link.Count(count);
        }

        _large.Count(count);
    }

    public void Begin() => _shared[0].Begin();

    /// <summary>What the server can do; found out once for each connection, since it may be another server by the next.</summary>
    public async ValueTask<(RespServer Server, RespCapabilities Capabilities)> ProbeAsync()
    {
        var node = new NodeDispatcher(this, _parts, _parts.Options.CommandTimeout);
        if (Server is null || !IsConnected)
        {
            await node.SendAsync("PING").ConfigureAwait(false);
        }

        var server = Server!;
        if (_probed is not { } probed || probed.Server != server)
        {
            _probed = probed = new Probed(server, await CapabilityProbe.RunAsync(node, server).ConfigureAwait(false));
        }

        return (probed.Server, probed.Capabilities);
    }

    /// <summary>Sends a command here, or fails it.</summary>
    public void Send(Pending pending)
    {
        if (CommandBytes.TryWrite(pending, _parts.Completions) is { } bytes)
        {
            var link = bytes.Length > _largeBytes || (pending.Traits & RespTraits.Large) != 0 ? _large : LeastBusy();
            link.Send(pending, bytes.Span);
            CommandBytes.Return(bytes);
        }
    }

    public void Sweep(long now)
    {
        foreach (var link in _shared)
        {
            link.Sweep(now);
        }

        _large.Sweep(now);
    }

    public void Dispose()
    {
        foreach (var link in _shared)
        {
            link.Dispose();
        }

        _large.Dispose();
    }

    // Not in turn: commands that meet on one connection share its system calls.
    private NodeLink LeastBusy()
    {
        var best = _shared[0];
        if (_shared.Length == 1)
        {
            return best;
        }

        var least = best.InFlight;
        for (var i = 1; i < _shared.Length && least > SharedBefore; i++)
        {
            var busy = _shared[i].InFlight;
            if (busy < least)
            {
                (best, least) = (_shared[i], busy);
            }
        }

        return best;
    }

    private sealed record Probed(RespServer Server, RespCapabilities Capabilities);

    // Below this a further connection would only split what travels well together.
    private const int SharedBefore = 16;
}
