using System.Text;

namespace Millpond.Resp.Pushes;

/// <summary>The channels of one kind on one link, and who hears them.</summary>
internal sealed class ChannelTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], Channel> _channels = new(BytesComparer.Instance);

    /// <summary>True: it is the channel's first subscription.</summary>
    public Channel Add(RespSubscription subscription)
    {
        lock (_gate)
        {
            var name = Encoding.UTF8.GetBytes(subscription.Channel.Name);
            if (!_channels.TryGetValue(name, out var channel))
            {
                _channels[name] = channel = new Channel(subscription.Channel);
            }

            channel.Subscriptions = [.. channel.Subscriptions, subscription];
            return channel;
        }
    }

    /// <summary>The channel, if that was its last subscription.</summary>
    public Channel? Remove(RespSubscription subscription)
    {
        lock (_gate)
        {
            var name = Encoding.UTF8.GetBytes(subscription.Channel.Name);
            if (!_channels.TryGetValue(name, out var channel))
            {
                return null;
            }

            channel.Subscriptions = [.. channel.Subscriptions.Where(s => s != subscription)];
            return channel.Subscriptions.Length == 0 && _channels.Remove(name) ? channel : null;
        }
    }

    public Channel? Find(ReadOnlySpan<byte> name)
    {
        lock (_gate)
        {
            return _channels.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var channel) ? channel : null;
        }
    }

    public Channel[] All()
    {
        lock (_gate)
        {
            return [.. _channels.Values];
        }
    }

    /// <summary>One channel on one link.</summary>
    internal sealed class Channel(RespChannel name)
    {
        public RespChannel Name { get; } = name;

        /// <summary>Replaced whole: read without the gate.</summary>
        public RespSubscription[] Subscriptions { get; set; } = [];

        /// <summary>The connection on which it was last asked for.</summary>
        public object? AskedOn { get; set; }

        /// <summary>Whether the server confirmed it on that connection.</summary>
        public bool IsConfirmed { get; set; }
    }
}
