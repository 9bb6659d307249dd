using System.Security.Authentication;
using Millpond.Resp.Connections;
using Millpond.Resp.Probing;

namespace Millpond.Resp.Nodes;

/// <summary>Makes connections to one node: dials, says who we are, and asks who is there.</summary>
internal sealed class Connector(RespEndpoint endpoint, LinkKind kind, NodeParts parts, IncarnationWatch incarnations)
{
    public string Node { get; } = endpoint.ToString();

    /// <summary>Told of every connection's beginning and end.</summary>
    public ILinkListener? Listener { get; init; }

    /// <summary>Who the server said it is, the last time it was asked; null before.</summary>
    public RespServer? Server { get; private set; }

    public async ValueTask<Established> ConnectAsync(CancellationToken disposing)
    {
        using var time = new CancellationTokenSource(parts.Options.ConnectTimeout, parts.Surroundings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, disposing);
        var credentials = kind == LinkKind.Sentinel ? parts.Options.SentinelCredentials : parts.Options.Credentials;
        Connection? connection = null;
        try
        {
            var login = credentials is null ? null : await credentials(either.Token).ConfigureAwait(false);
            var stream = await parts.Dialer.DialAsync(endpoint, either.Token).ConfigureAwait(false);
            connection = new Connection(Node, stream, parts.Limits, parts.Surroundings, parts.Completions);
            using var giveUp = either.Token.UnsafeRegister(static c => ((Connection)c!).End(new RespException(
                RespErrorCode.NotConnected, "the handshake was not done within ConnectTimeout.")), connection);
            connection.Start();
            var one = new OneConnection(connection, parts.Completions, parts.Surroundings, parts.Options.CommandTimeout);
            var options = kind == LinkKind.Sentinel ? parts.Options with { Database = 0 } : parts.Options;
            Server = incarnations.Name(await Handshake.PerformAsync(one, options, login, kind, Node).ConfigureAwait(false));
            connection.Server = Server;
            var established = new Established(connection, one, parts.Surroundings.Now) { Login = login };
            if (Listener is not null)
            {
                await Listener.PrepareAsync(established, Server).ConfigureAwait(false);
            }

            parts.Events.Connected(Server);
            return established;
        }
        catch (Exception thrown)
        {
            connection?.End(thrown as RespException ?? new RespException(RespErrorCode.NotConnected, thrown.Message, thrown));
            throw time.IsCancellationRequested && !disposing.IsCancellationRequested
                ? new TimeoutException($"no connection within {parts.Options.ConnectTimeout.TotalMilliseconds} ms (ConnectTimeout)", thrown)
                : thrown;
        }
    }

    /// <summary>Asks for credentials again and says them on a connection in use. The server lets go who cannot; so if it fails, so does the connection.</summary>
    public async Task RenewLoginAsync(Established established)
    {
        try
        {
            var login = await parts.Options.Credentials!(CancellationToken.None).ConfigureAwait(false);
            await Handshake.LogInAsync(established.Commands, login, Node).ConfigureAwait(false);
            established.Renewed(login, parts.Surroundings.Now);
        }
        catch (Exception thrown)
        {
            established.Connection.End(Explain(thrown));
        }
    }

    /// <summary>A failure to connect in words that say what to look at.</summary>
    public RespException Explain(Exception thrown) => thrown as RespException ?? new RespException(
        RespErrorCode.NotConnected,
        thrown switch
        {
            AuthenticationException => $"TLS with {Node} failed: {thrown.Message} The certificate must be valid, name the host (or 'sslHost'), and descend from a trusted root.",
            TimeoutException => $"{Node}: {thrown.Message}. Is the address right, and does a firewall drop packets?",
            _ => $"{Node} cannot be reached: {thrown.Message}",
        },
        thrown) { Node = Node };
}
