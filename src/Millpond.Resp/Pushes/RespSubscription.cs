using Millpond.Resp.Pushes;
using Millpond.Resp.Runtime;

namespace Millpond.Resp;

/// <summary>A subscription under way. It is kept over lost connections and failovers until it is disposed.</summary>
public sealed class RespSubscription : IAsyncDisposable
{
    // A delivery lock: held while the subscriber is told of gaps and their ends, so that it hears them in order. Nothing else is taken under it.
    private readonly Lock _telling = new();
    private readonly PushHub? _hub;
    private readonly IRespSubscriber _subscriber;
    private readonly TaskCompletionSource<bool> _firstLive;
    private readonly HashSet<object> _placed = [];
    private readonly HashSet<object> _live = [];
    private bool _isLive;
    private bool _isEnded;

    internal RespSubscription(RespChannel channel, IRespSubscriber subscriber, PushHub? hub, RespSurroundings surroundings)
    {
        (Channel, _subscriber, _hub) = (channel, subscriber, hub);
        _firstLive = surroundings.NewCompletion<bool>();
    }

    /// <summary>What it listens to.</summary>
    public RespChannel Channel { get; }

    /// <summary>Whether everything that is sent now is heard, as far as is known.</summary>
    public bool IsLive => Volatile.Read(ref _isLive);

    internal Task<bool> FirstLive => _firstLive.Task;

    /// <summary>Ends it. Nothing is told to the subscriber any more once this has returned, except by calls that are under way.</summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        lock (_telling)
        {
            _isEnded = true;
        }

        _hub?.Remove(this);
        return ValueTask.CompletedTask;
    }

    internal void Hear(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message) => _subscriber.OnMessage(channel, message);

    /// <summary>It is to be heard through one more place, or no longer through one.</summary>
    internal void Place(object place)
    {
        lock (_telling)
        {
            _placed.Add(place);
            Tell(new RespException(RespErrorCode.ConnectionLost, "another node must confirm the subscription first."));
        }
    }

    internal void Displace(object place, RespException cause)
    {
        lock (_telling)
        {
            _placed.Remove(place);
            _live.Remove(place);
            Tell(cause);
        }
    }

    internal void Live(object place)
    {
        lock (_telling)
        {
            if (_placed.Contains(place) && _live.Add(place))
            {
                Tell(null);
            }
        }
    }

    internal void Gap(object place, RespException cause)
    {
        lock (_telling)
        {
            _live.Remove(place);
            Tell(cause);
        }

        // Only what a further attempt cannot mend ends the first wait.
        if (cause is RespServerException or { Code: RespErrorCode.HandshakeRefused or RespErrorCode.Disposed })
        {
            _firstLive.TrySetException(cause);
            _ = _firstLive.Task.Exception;
        }
    }

    /// <summary>All at once, as when a server forgets every key: a gap that is over already.</summary>
    internal void Blink(RespException cause)
    {
        lock (_telling)
        {
            if (_isLive)
            {
                _subscriber.OnGap(cause);
                _subscriber.OnLive();
            }
        }
    }

    // Heard means: placed somewhere, and confirmed at every place.
    private void Tell(RespException? cause)
    {
        var isLive = _placed.Count > 0 && _live.Count == _placed.Count;
        if (isLive == _isLive || _isEnded)
        {
            return;
        }

        _isLive = isLive;
        if (isLive)
        {
            _subscriber.OnLive();
            _firstLive.TrySetResult(true);
        }
        else
        {
            _subscriber.OnGap(cause!);
        }
    }
}
