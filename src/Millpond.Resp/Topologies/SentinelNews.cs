using Millpond.Resp.Nodes;
using Millpond.Resp.Pushes;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Topologies;

/// <summary>Hears from every sentinel that the primary was switched. What is heard only makes the client ask: the answer counts, not the news.</summary>
internal sealed class SentinelNews(NodeParts parts, Action onNews) : IRespSubscriber, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RespEndpoint, PushLink> _links = [];

    public void ListenTo(IEnumerable<Node> sentinels)
    {
        lock (_gate)
        {
            foreach (var sentinel in sentinels)
            {
                if (!_links.ContainsKey(sentinel.Endpoint))
                {
                    var link = _links[sentinel.Endpoint] = new PushLink(sentinel.Endpoint, LinkKind.Sentinel, parts, onNews);
                    link.Add(new RespSubscription(RespChannel.Plain("+switch-master"), this, null, parts.Surroundings));
                }
            }
        }
    }

    public void Sweep(long now)
    {
        lock (_gate)
        {
            foreach (var link in _links.Values)
            {
                link.Sweep(now);
            }
        }
    }

    public void Count(ActivityCount count)
    {
        lock (_gate)
        {
            foreach (var link in _links.Values)
            {
                link.Count(count);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var link in _links.Values)
            {
                link.Dispose();
            }
        }
    }

    public void OnMessage(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message) => onNews();

    public void OnLive() => onNews();

    public void OnGap(RespException cause)
    {
        // The sentinels are asked once a second anyway.
    }
}
