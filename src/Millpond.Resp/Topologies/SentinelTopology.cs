using Millpond.Resp.Commands;
using Millpond.Resp.Nodes;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Topologies;

/// <summary>
/// A primary that sentinels watch. They are all asked, and the newest election's answer counts: a sentinel that was cut off and still names the former primary is outvoted by its
/// epoch. Nor is that answer trusted blindly: a node that says it is a replica is not used.
/// </summary>
/// <remarks>
/// They are asked at first, when the primary is lost, when it answers READONLY, when a sentinel pushes news of a switch, and once a second, in case that news was lost. What cannot be
/// sent meanwhile waits, and is tried again until its deadline.
/// </remarks>
internal sealed class SentinelTopology : Topology, ILinkListener
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AskedAtLeast = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly NodeParts _parts;
    private readonly IDispatcher _dispatcher;
    private readonly NodeSet _nodes;
    private readonly NodeSet _sentinels;
    private readonly SentinelNews _news;
    private readonly Refresh _refresh;
    private readonly Postponed _postponed;
    private Node? _primary;
    private string _failure = "No sentinel has answered yet.";
    private long _epoch = -1;
    private long _askAt = long.MaxValue;

    public SentinelTopology(NodeParts parts, IDispatcher dispatcher)
    {
        (_parts, _dispatcher) = (parts, dispatcher);
        _nodes = new NodeSet(parts, LinkKind.Shared, this);
        _sentinels = new NodeSet(parts, LinkKind.Sentinel, null);
        _postponed = new Postponed(parts);
        _refresh = new Refresh(parts.Surroundings, AskAllAsync);
        _news = new SentinelNews(parts, _refresh.Request);
    }

    public override IReadOnlyList<Node> Nodes => _nodes.All;

    public override void Begin() => _refresh.Request();

    public override Node? Find(int slot, RespTraits traits) => Volatile.Read(ref _primary);

    public override void Route(Pending pending)
    {
        if (Volatile.Read(ref _primary) is { } primary)
        {
            primary.Send(pending);
            return;
        }

        _postponed.Add(pending, new RespException(
            RespErrorCode.NotConnected, $"{pending.Name} was not sent: no sentinel has named a primary for '{_parts.Options.ServiceName}' (serviceName). {_failure}") { Command = pending.Name });
        _refresh.Request();
    }

    public override bool TryRedirect(Pending pending, ReadOnlySpan<byte> error, string node)
    {
        if (Redirections.Of(error) != Redirection.Later)
        {
            return false;
        }

        _postponed.Add(pending, RespServerException.From(error, pending.Name, node));
        _refresh.Request();
        return true;
    }

    public override bool TrySendAgain(Pending pending, RespException cause)
    {
        _refresh.Request();
        // Disposed: not the client but a former primary.
        if (cause.Code is not (RespErrorCode.ConnectionLost or RespErrorCode.NotConnected or RespErrorCode.Disposed))
        {
            return false;
        }

        _postponed.Add(pending, cause);
        return true;
    }

    public override IReadOnlyCollection<RespEndpoint> WhereToListen(RespChannel channel, IReadOnlyCollection<RespEndpoint> now) =>
        Volatile.Read(ref _primary) is { } primary ? [primary.Endpoint] : [];

    public override void LookAgain() => _refresh.Request();

    public override void Sweep(long now)
    {
        _nodes.Sweep(now);
        _sentinels.Sweep(now);
        _news.Sweep(now);
        if (now >= Volatile.Read(ref _askAt))
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
        _sentinels.Count(count);
        _news.Count(count);
    }

    public override void Dispose()
    {
        _postponed.FailAll(RespErrors.Disposed());
        _news.Dispose();
        _nodes.Dispose();
        _sentinels.Dispose();
    }

    ValueTask ILinkListener.PrepareAsync(Established established, RespServer server) => server.Role == RespRole.Replica
        ? throw new RespException(RespErrorCode.NotConnected, $"{server.Node} was named as the primary but says it is a replica; the sentinels are asked again.") { Node = server.Node }
        : ValueTask.CompletedTask;

    void ILinkListener.OnConnected(NodeLink link)
    {
    }

    void ILinkListener.OnLost(NodeLink link, RespException cause) => _refresh.Request();

    // Never throws: nobody awaits it.
    private async Task AskAllAsync()
    {
        Volatile.Write(ref _askAt, _parts.Surroundings.Now + AskedAtLeast.Ticks);
        var known = _parts.Options.Endpoints.Concat(_sentinels.All.Select(s => s.Endpoint)).Distinct().ToArray();
        var answers = (await Task.WhenAll(known.Select(AskAsync)).ConfigureAwait(false)).OfType<SentinelAnswer>().ToList();
        if (answers.MaxBy(a => a.Epoch) is not { } newest)
        {
            return;
        }

        foreach (var sentinel in answers.SelectMany(a => a.OtherSentinels))
        {
            _sentinels.Get(sentinel);
        }

        _news.ListenTo(_sentinels.All);
        lock (_gate)
        {
            // An older election than one that was heard of already: everybody who answered was cut off.
            if (newest.Epoch < _epoch)
            {
                return;
            }

            _epoch = newest.Epoch;
            if (_primary?.Endpoint != newest.Primary)
            {
                Volatile.Write(ref _primary, _nodes.Get(newest.Primary));
                _nodes.Keep(new HashSet<RespEndpoint> { newest.Primary });
            }
        }

        _postponed.Hurry(_dispatcher);
    }

    private async Task<SentinelAnswer?> AskAsync(RespEndpoint sentinel)
    {
        var node = new NodeDispatcher(_sentinels.Get(sentinel), _parts, AnswerMax);
        try
        {
            var master = node.SendAsync("SENTINEL", "MASTER", _parts.Options.ServiceName!).AsTask();
            var others = node.SendAsync("SENTINEL", "SENTINELS", _parts.Options.ServiceName!).AsTask();
            await Task.WhenAll(master, others).ConfigureAwait(false);
            return SentinelAnswer.Read(await master.ConfigureAwait(false), await others.ConfigureAwait(false));
        }
        catch (RespException failure)
        {
            _failure = "Last failure: " + failure.Message;
            return null;
        }
    }
}
