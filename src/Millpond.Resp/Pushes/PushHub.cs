using Millpond.Resp.Nodes;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Pushes;

/// <summary>Keeps each subscription at the node, or nodes, where its channel is heard, and moves it when the deployment changes.</summary>
internal sealed class PushHub(NodeParts parts, ClientCore core) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RespSubscription, Dictionary<RespEndpoint, TrackingLink?>> _places = [];
    private readonly Dictionary<RespEndpoint, PushLink> _links = [];
    private bool _isDisposed;

    public async ValueTask<RespSubscription> SubscribeAsync(RespChannel channel, IRespSubscriber subscriber, CancellationToken cancellationToken)
    {
        var subscription = new RespSubscription(channel, subscriber, this, parts.Surroundings);
        core.Topology.Begin();
        lock (_gate)
        {
            if (_isDisposed)
            {
                throw RespErrors.Disposed();
            }

            _places[subscription] = [];
            PlaceNeedsGate(subscription);
        }

        try
        {
            await subscription.FirstLive.WaitAsync(parts.Options.CommandTimeout, parts.Surroundings.Time, cancellationToken).ConfigureAwait(false);
            return subscription;
        }
        catch (TimeoutException)
        {
            Remove(subscription);
            throw new RespException(
                RespErrorCode.TimedOut,
                $"no server confirmed the subscription to '{channel.Name}' ({channel.Kind}) within {parts.Options.CommandTimeout.TotalMilliseconds} ms (CommandTimeout). Is the server reachable, and does it know this kind of channel?");
        }
        catch
        {
            Remove(subscription);
            throw;
        }
    }

    public void Remove(RespSubscription subscription)
    {
        lock (_gate)
        {
            if (_places.Remove(subscription, out var places))
            {
                foreach (var (endpoint, tracking) in places)
                {
                    LeaveNeedsGate(subscription, endpoint, tracking);
                }
            }
        }
    }

    public void Sweep(long now)
    {
        lock (_gate)
        {
            foreach (var subscription in _places.Keys.ToArray())
            {
                PlaceNeedsGate(subscription);
            }

            foreach (var link in _links.Values)
            {
                link.Sweep(now);
            }

            foreach (var tracking in _places.Values.SelectMany(p => p.Values))
            {
                tracking?.Sweep(now);
            }

            foreach (var (endpoint, idle) in _links.Where(l => l.Value.IsIdle).ToArray())
            {
                _links.Remove(endpoint);
                idle.Dispose();
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

            foreach (var tracking in _places.Values.SelectMany(p => p.Values))
            {
                tracking?.Count(count);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var link in _links.Values)
            {
                link.Dispose();
            }

            foreach (var tracking in _places.Values.SelectMany(p => p.Values))
            {
                tracking?.Dispose();
            }
        }
    }

    private void PlaceNeedsGate(RespSubscription subscription)
    {
        var places = _places[subscription];
        var wanted = core.Topology.WhereToListen(subscription.Channel, places.Keys);
        if (wanted.Count == 0)
        {
            return;
        }

        foreach (var (endpoint, tracking) in places.Where(p => !wanted.Contains(p.Key)).ToArray())
        {
            places.Remove(endpoint);
            LeaveNeedsGate(subscription, endpoint, tracking);
        }

        foreach (var endpoint in wanted.Where(e => !places.ContainsKey(e)))
        {
            places[endpoint] = subscription.Channel.Kind == RespChannelKind.Tracked ? new TrackingLink(endpoint, parts, subscription) : null;
            if (places[endpoint] is null)
            {
                LinkNeedsGate(endpoint).Add(subscription);
            }
        }
    }

    private PushLink LinkNeedsGate(RespEndpoint endpoint)
    {
        if (!_links.TryGetValue(endpoint, out var link))
        {
            _links[endpoint] = link = new PushLink(endpoint, LinkKind.Pushes, parts, core.Topology.LookAgain);
        }

        return link;
    }

    private void LeaveNeedsGate(RespSubscription subscription, RespEndpoint endpoint, TrackingLink? tracking)
    {
        var cause = new RespException(RespErrorCode.ConnectionLost, $"the subscription leaves {endpoint}.");
        if (tracking is not null)
        {
            tracking.End(cause);
        }
        else if (_links.TryGetValue(endpoint, out var link))
        {
            link.Remove(subscription, cause);
        }
    }
}
