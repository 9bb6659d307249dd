using Millpond.Resp.Connections;
using Millpond.Resp.Nodes;
using Millpond.Resp.Probing;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Pushes;

/// <summary>
/// A connection to one node on which that node tells of changed keys with one prefix: client tracking in broadcast mode. Each subscription has its own, because a server refuses
/// overlapping prefixes on one connection.
/// </summary>
internal sealed class TrackingLink : ILinkListener, IPushReceiver, IDisposable
{
    private readonly RespSubscription _subscription;
    private readonly NodeLink _link;

    public TrackingLink(RespEndpoint endpoint, NodeParts parts, RespSubscription subscription)
    {
        _subscription = subscription;
        _link = new NodeLink(new Connector(endpoint, LinkKind.Pushes, parts, new IncarnationWatch()) { Listener = this }, parts);
        subscription.Place(this);
        _link.Begin();
    }

    public void Sweep(long now) => _link.Sweep(now);

    public void Count(ActivityCount count) => _link.Count(count);

    public void End(RespException cause)
    {
        _link.Dispose();
        _subscription.Displace(this, cause);
    }

    public void Dispose() => _link.Dispose();

    async ValueTask ILinkListener.PrepareAsync(Established established, RespServer server)
    {
        if (server.Protocol < 3)
        {
            throw new RespException(
                RespErrorCode.HandshakeRefused, $"{server.Node} speaks protocol {server.Protocol}, and tracking without a second connection wants 3. Subscribe to channels of your own instead.") { Node = server.Node };
        }

        established.Connection.Pushes = this;
        RespArgument[] words = _subscription.Channel.Name.Length == 0 ? ["TRACKING", "ON", "BCAST"] : ["TRACKING", "ON", "BCAST", "PREFIX", _subscription.Channel.Name];
        await established.Commands.SendAsync("CLIENT", words).ConfigureAwait(false);
    }

    void ILinkListener.OnConnected(NodeLink link) => _subscription.Live(this);

    void ILinkListener.OnLost(NodeLink link, RespException cause) => _subscription.Gap(this, cause);

    bool IPushReceiver.IsPush(RespReader frame) => false;

    void IPushReceiver.OnPush(ref RespReader frame)
    {
        frame.ReadNext();
        if (PushFrames.WordOf(frame.Bytes) != PushWord.Invalidate)
        {
            return;
        }

        frame.ReadNext();
        if (frame.IsNull)
        {
            _subscription.Blink(new RespException(RespErrorCode.ServerError, "the server dropped all keys (FLUSHALL or FLUSHDB)."));
            return;
        }

        for (var left = frame.Count; left > 0; left--)
        {
            frame.ReadNext();
            _subscription.Hear(default, frame.Bytes);
        }
    }
}
