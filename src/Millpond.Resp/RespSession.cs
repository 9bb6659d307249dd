using Millpond.Resp.Nodes;
using Millpond.Resp.Runtime;

namespace Millpond.Resp;

/// <summary>
/// A connection to one node for one user alone, for what a shared connection cannot carry: WATCH and the transaction behind it. Making one costs a connection and a handshake; keep it, and use it for one thing at a
/// time. Commands are executed in the order in which they were sent, awaited or not.
/// </summary>
/// <remarks>It is not made again when it is lost: what was watched is then forgotten, and whoever uses it must know.</remarks>
public sealed class RespSession : IAsyncDisposable
{
    private readonly Established _established;
    private readonly ClientCore _core;

    internal RespSession(Established established, RespServer server, ClientCore core) => (_established, Server, _core) = (established, server, core);

    /// <summary>Who is at the other end.</summary>
    public RespServer Server { get; }

    /// <summary>Whether the connection still stands, as far as is known.</summary>
    public bool IsConnected => !_established.Connection.IsEnding;

    /// <summary>Sends one command and reads its reply. Redirections are errors here, and nothing is sent twice.</summary>
    /// <typeparam name="TRequest">The request's type; a structure.</typeparam>
    /// <typeparam name="TResult">What its reply becomes.</typeparam>
    /// <param name="request">The command.</param>
    /// <param name="cancellationToken">Ends the wait, not the command.</param>
    /// <returns>The result.</returns>
    /// <exception cref="RespException">It failed; the code says how.</exception>
    public ValueTask<TResult> SendAsync<TRequest, TResult>(in TRequest request, CancellationToken cancellationToken = default)
        where TRequest : struct, IRespRequest<TResult> => _established.Commands.SendAsync<TRequest, TResult>(request, cancellationToken);

    /// <summary>Sends a command given by its name and arguments.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>The reply as a tree.</returns>
    /// <exception cref="RespException">It failed; the code says how.</exception>
    public ValueTask<RespValue> ExecuteAsync(string command, params RespArgument[] arguments) => _established.Commands.SendAsync(command, arguments);

    /// <summary>Ends the connection, and with it whatever was watched or begun on it.</summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        _core.Sessions.Remove(this);
        _established.Connection.End(RespErrors.Disposed());
        return ValueTask.CompletedTask;
    }

    internal void Count(ActivityCount count) => _established.Connection.Count(count);

    internal void Sweep(long now) => _established.Connection.Sweep(now, _established.Ping);
}
