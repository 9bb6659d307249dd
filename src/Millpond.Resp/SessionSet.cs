using Millpond.Resp.Nodes;
using Millpond.Resp.Probing;
using Millpond.Resp.Runtime;

namespace Millpond.Resp;

/// <summary>The sessions of a client: made here, and swept with everything else.</summary>
internal sealed class SessionSet(ClientCore core)
{
    private readonly Lock _gate = new();
    private readonly HashSet<RespSession> _all = [];
    private bool _isDisposed;

    public async ValueTask<RespSession> OpenAsync(RespEndpoint endpoint, CancellationToken cancellationToken)
    {
        var connector = new Connector(endpoint, LinkKind.Shared, core.Parts, new IncarnationWatch());
        Established established;
        try
        {
            established = await connector.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception thrown) when (!cancellationToken.IsCancellationRequested)
        {
            throw connector.Explain(thrown);
        }

        var session = new RespSession(established, connector.Server!, core);
        bool isDisposed;
        lock (_gate)
        {
            isDisposed = _isDisposed;
            _all.Add(session);
        }

        if (isDisposed)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw RespErrors.Disposed();
        }

        return session;
    }

    public void Remove(RespSession session)
    {
        lock (_gate)
        {
            _all.Remove(session);
        }
    }

    public void Count(ActivityCount count)
    {
        foreach (var session in All())
        {
            session.Count(count);
        }
    }

    public void Sweep(long now)
    {
        foreach (var session in All())
        {
            session.Sweep(now);
        }
    }

    public async ValueTask DisposeAllAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        foreach (var session in All())
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private RespSession[] All()
    {
        lock (_gate)
        {
            return [.. _all];
        }
    }
}
