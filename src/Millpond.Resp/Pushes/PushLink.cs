using Millpond.Resp.Connections;
using Millpond.Resp.Nodes;
using Millpond.Resp.Probing;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Pushes;

/// <summary>
/// One node's connection for published messages, shared by all subscriptions there. Whenever a connection is made, everything is asked for again before anything counts as live;
/// whenever one ends, every subscription is told of the gap.
/// </summary>
internal sealed class PushLink : ILinkListener, IPushReceiver, IDisposable
{
    private readonly ChannelTable[] _tables = [new(), new(), new()];
    private readonly NodeParts _parts;
    private readonly NodeLink _link;
    private readonly Action _onMisplaced;
    private Established? _established;

    public PushLink(RespEndpoint endpoint, LinkKind kind, NodeParts parts, Action onMisplaced)
    {
        (Endpoint, _parts, _onMisplaced) = (endpoint, parts, onMisplaced);
        _link = new NodeLink(new Connector(endpoint, kind, parts, new IncarnationWatch()) { Listener = this }, parts);
    }

    public RespEndpoint Endpoint { get; }

    public bool IsIdle => _tables.All(t => t.All().Length == 0);

    public void Add(RespSubscription subscription)
    {
        var channel = TableOf(subscription.Channel.Kind).Add(subscription);
        subscription.Place(this);
        if (channel.IsConfirmed)
        {
            subscription.Live(this);
        }

        _link.Begin();
        AskFor(channel);
    }

    public void Remove(RespSubscription subscription, RespException cause)
    {
        if (TableOf(subscription.Channel.Kind).Remove(subscription) is { } last && _established is { } established)
        {
            _ = ForgetAsync(SendAsync(established, CommandOf(last.Name.Kind, "UNSUBSCRIBE"), last.Name.Name));
        }

        subscription.Displace(this, cause);
    }

    public void Sweep(long now)
    {
        _link.Sweep(now);

        // What was refused because it belongs elsewhere is asked for again, here or wherever the hub has put it by then.
        foreach (var channel in AllChannels())
        {
            AskFor(channel);
        }
    }

    public void Count(ActivityCount count) => _link.Count(count);

    public void Dispose() => _link.Dispose();

    async ValueTask ILinkListener.PrepareAsync(Established established, RespServer server)
    {
        established.Connection.Pushes = this;
        Volatile.Write(ref _established, established);
        var all = AllChannels().ToArray();
        await Task.WhenAll(all.Select(c => AskForAsync(c, established))).ConfigureAwait(false);
    }

    void ILinkListener.OnConnected(NodeLink link)
    {
        foreach (var channel in AllChannels())
        {
            AskFor(channel);
        }
    }

    void ILinkListener.OnLost(NodeLink link, RespException cause)
    {
        Volatile.Write(ref _established, null);
        foreach (var channel in AllChannels())
        {
            (channel.AskedOn, channel.IsConfirmed) = (null, false);
            foreach (var subscription in channel.Subscriptions)
            {
                subscription.Gap(this, cause);
            }
        }
    }

    bool IPushReceiver.IsPush(RespReader frame) => PushFrames.IsOldPush(frame);

    void IPushReceiver.OnPush(ref RespReader frame)
    {
        frame.ReadNext();
        switch (PushFrames.WordOf(frame.Bytes))
        {
            case PushWord.Message:
                Deliver(ref frame, RespChannelKind.Plain);
                break;
            case PushWord.ShardedMessage:
                Deliver(ref frame, RespChannelKind.Sharded);
                break;
            case PushWord.PatternMessage:
                Deliver(ref frame, RespChannelKind.Pattern);
                break;
            case PushWord.Subscribed:
                Confirm(ref frame, RespChannelKind.Plain);
                break;
            case PushWord.PatternSubscribed:
                Confirm(ref frame, RespChannelKind.Pattern);
                break;
            case PushWord.ShardedSubscribed:
                Confirm(ref frame, RespChannelKind.Sharded);
                break;
            case PushWord.ShardedUnsubscribed:
                Expel(ref frame);
                break;
        }
    }

    private IEnumerable<ChannelTable.Channel> AllChannels() => _tables.SelectMany(t => t.All());

    private ChannelTable TableOf(RespChannelKind kind) => _tables[(int)kind];

    private void Deliver(ref RespReader frame, RespChannelKind kind)
    {
        frame.ReadNext();
        var name = frame.Bytes;
        var found = TableOf(kind).Find(name);
        if (kind == RespChannelKind.Pattern)
        {
            frame.ReadNext();
            name = frame.Bytes;
        }

        frame.ReadNext();
        foreach (var subscription in found?.Subscriptions ?? [])
        {
            subscription.Hear(name, frame.Bytes);
        }
    }

    private void Confirm(ref RespReader frame, RespChannelKind kind)
    {
        frame.ReadNext();
        if (TableOf(kind).Find(frame.Bytes) is { } channel)
        {
            channel.IsConfirmed = true;
            foreach (var subscription in channel.Subscriptions)
            {
                subscription.Live(this);
            }
        }
    }

    // The server ended it: the channel's slot has moved.
    private void Expel(ref RespReader frame)
    {
        frame.ReadNext();
        if (TableOf(RespChannelKind.Sharded).Find(frame.Bytes) is { } channel)
        {
            Misplace(channel, new RespException(RespErrorCode.ConnectionLost, $"{Endpoint} ended the subscription: the channel's slot belongs to another node now."));
        }
    }

    private void Misplace(ChannelTable.Channel channel, RespException cause)
    {
        (channel.AskedOn, channel.IsConfirmed) = (null, false);
        foreach (var subscription in channel.Subscriptions)
        {
            subscription.Gap(this, cause);
        }

        _onMisplaced();
    }

    private void AskFor(ChannelTable.Channel channel)
    {
        if (Volatile.Read(ref _established) is { } established && channel.AskedOn != established)
        {
            _ = ForgetAsync(AskForAsync(channel, established));
        }
    }

    private async Task AskForAsync(ChannelTable.Channel channel, Established established)
    {
        channel.AskedOn = established;
        try
        {
            await SendAsync(established, CommandOf(channel.Name.Kind, "SUBSCRIBE"), channel.Name.Name).ConfigureAwait(false);
        }
        catch (RespServerException refusal) when (refusal.Kind is "MOVED" or "CLUSTERDOWN" or "LOADING")
        {
            Misplace(channel, new RespException(RespErrorCode.ConnectionLost, refusal.Message, refusal));
        }
        catch (RespServerException refusal)
        {
            // For good: it is not asked for again on this connection.
            foreach (var subscription in channel.Subscriptions)
            {
                subscription.Gap(this, refusal);
            }
        }
    }

    private Task SendAsync(Established established, string command, string channel)
    {
        var pending = new SubscribeCommand(command, channel, established.Commands, _parts.Surroundings, _parts.Options.CommandTimeout);
        established.Commands.Dispatch(pending);
        return pending.Done;
    }

    private static string CommandOf(RespChannelKind kind, string command) => kind switch
    {
        RespChannelKind.Pattern => "P" + command,
        RespChannelKind.Sharded => "S" + command,
        _ => command,
    };

    // What fails with the connection is asked for again on the next.
    private static async Task ForgetAsync(Task sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (RespException)
        {
            // The link's listener was told of the lost connection.
        }
    }
}
