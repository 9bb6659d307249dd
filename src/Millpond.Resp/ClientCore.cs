using Millpond.Resp.Commands;
using Millpond.Resp.Nodes;
using Millpond.Resp.Pushes;
using Millpond.Resp.Runtime;
using Millpond.Resp.Topologies;

namespace Millpond.Resp;

/// <summary>What a client's commands are dispatched by: the topology of the moment, the rule of what is sent again, and the sweep.</summary>
internal sealed class ClientCore : IDispatcher, IAsyncDisposable
{
    // One reply may lead elsewhere, that one too; a node may be lost under it. More than this is a deployment that contradicts itself.
    private const int AttemptsMax = 8;

    private const int FormerSweepsMin = 10;

    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(5);

    private readonly ITimer _sweep;
    private Topology _topology;
    private Topology? _former;
    private int _formerSweeps;
    private int _isDisposed;

    public ClientCore(NodeParts parts)
    {
        Parts = parts;
        TimeoutTicks = parts.Options.CommandTimeout.Ticks;
        _topology = parts.Options switch
        {
            { ServiceName: not null } => new SentinelTopology(parts, this),
            { Mode: RespMode.Cluster } => new ClusterTopology(parts, this),
            { Mode: RespMode.Single } => new SingleTopology(parts, this, listener: null),
            _ => new SingleTopology(parts, this, new ClusterFinder(this)),
        };
        Pushes = new PushHub(parts, this);
        Sessions = new SessionSet(this);
        var period = SweepPeriod(parts.Options);
        _sweep = parts.Surroundings.Time.CreateTimer(static core => ((ClientCore)core!).Sweep(), this, period, period);
    }

    public NodeParts Parts { get; }

    public long TimeoutTicks { get; }

    public PushHub Pushes { get; }

    public SessionSet Sessions { get; }

    public Topology Topology => Volatile.Read(ref _topology);

    /// <summary>Counts what is under way everywhere.</summary>
    public RespActivity Activity
    {
        get
        {
            var count = new ActivityCount { Undelivered = Parts.Completions.Count };
            Topology.Count(count);
            Volatile.Read(ref _former)?.Count(count);
            Pushes.Count(count);
            Sessions.Count(count);
            return count.Result;
        }
    }

    /// <summary>Takes another topology, now that a node has told what it belongs to.</summary>
    public void Replace(Topology former, Topology next)
    {
        if (Interlocked.CompareExchange(ref _topology, next, former) != former)
        {
            next.Dispose();
        }
        else
        {
            Volatile.Write(ref _former, former);
            next.Begin();
            if (Volatile.Read(ref _isDisposed) != 0)
            {
                // Whoever disposed of the client may not have seen it.
                next.Dispose();
            }
        }
    }

    public void Dispatch(Pending pending)
    {
        pending.Attempts++;
        if (Volatile.Read(ref _isDisposed) != 0)
        {
            Lost(pending, RespErrors.Disposed(), wasWritten: false);
        }
        else
        {
            Topology.Route(pending);
        }
    }

    public bool TryRedirect(Pending redirected, ReadOnlySpan<byte> error, string node) =>
        Volatile.Read(ref _isDisposed) == 0 && Topology.TryRedirect(redirected, error, node);

    public void Lost(Pending pending, RespException cause, bool wasWritten)
    {
        var maySendAgain = !wasWritten || (pending.Traits & RespTraits.Idempotent) != 0;
        if (maySendAgain && !pending.IsDecided && pending.Attempts < AttemptsMax && Volatile.Read(ref _isDisposed) == 0
            && pending.Deadline > Parts.Surroundings.Now && Topology.TrySendAgain(pending, cause))
        {
            return;
        }

        // A cause that says nothing of this command is only put around it if that loses nothing: whether the server may have seen it is worth more.
        var isOwn = !wasWritten && cause.Code is RespErrorCode.NotConnected or RespErrorCode.HandshakeRefused or RespErrorCode.QueueFull or RespErrorCode.Disposed;
        pending.Fail(isOwn ? cause : RespErrors.Lost(pending, cause.Node ?? "the server", cause, wasWritten), pending.Life, Parts.Completions);
        pending.Release();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await DrainAsync().ConfigureAwait(false);
            await _sweep.DisposeAsync().ConfigureAwait(false);
            Pushes.Dispose();
            await Sessions.DisposeAllAsync().ConfigureAwait(false);
            Topology.Dispose();
            _former?.Dispose();
        }
    }

    // Replies still come meanwhile, and deadlines still count.
    private async Task DrainAsync()
    {
        var end = Parts.Surroundings.Now + TimeoutTicks;
        while (Topology.Nodes.Any(n => n.InFlight > 0) && Parts.Surroundings.Now < end)
        {
            await Parts.Surroundings.Delay(DrainLook, CancellationToken.None).ConfigureAwait(false);
        }
    }

    // A deadline is met this much late at most.
    private static TimeSpan SweepPeriod(RespOptions options) =>
        TimeSpan.FromMilliseconds(Math.Clamp(Math.Min(options.CommandTimeout.TotalMilliseconds, options.KeepAlive.TotalMilliseconds) / 20, 1, 100));

    private void Sweep()
    {
        var now = Parts.Surroundings.Now;
        if (Volatile.Read(ref _former) is { } former && former.Nodes.All(n => n.InFlight == 0) && ++_formerSweeps > FormerSweepsMin)
        {
            // By now it has given back whatever waited there.
            former.Dispose();
            Volatile.Write(ref _former, null);
        }

        Topology.Sweep(now);
        Pushes.Sweep(now);
        Sessions.Sweep(now);
    }
}
