using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millpond.Resp.Commands;
using Millpond.Resp.Configuration;
using Millpond.Resp.Dialing;
using Millpond.Resp.Nodes;
using Millpond.Resp.Runtime;
using Millpond.Resp.Telemetry;

namespace Millpond.Resp;

/// <summary>
/// A client of Redis, Valkey or Garnet. Any number of callers share few connections; what they send at the same time travels together. Create one and keep it.
/// </summary>
/// <remarks>
/// <para>Connections are made when they are first needed and again when they are lost, so creating a client neither waits nor fails for a server that is away.</para>
/// <para>A command is sent twice only if the server certainly has not seen it, or if it is marked <see cref="RespTraits.Idempotent"/>; otherwise
/// a lost connection ends in <see cref="RespErrorCode.ConnectionLost"/>, which says whether it may have been executed.</para>
/// <para>Two commands of which the first was not awaited may be executed in either order.</para>
/// </remarks>
public sealed class RespClient : IAsyncDisposable
{
    private readonly ClientCore _core;

    /// <summary>Creates a client.</summary>
    /// <param name="options">What to connect to, and how.</param>
    /// <param name="time">The clock; by default the system's.</param>
    /// <param name="loggers">Where connections and their ends are logged; by default nowhere.</param>
    /// <exception cref="RespException">The options have faults: <see cref="RespErrorCode.InvalidConfiguration"/>, all at once.</exception>
    public RespClient(RespOptions options, TimeProvider? time = null, ILoggerFactory? loggers = null)
        : this(options, new SocketDialer(options?.Tls), time is null ? RespSurroundings.Real : new RespSurroundings(time), loggers)
    {
    }

    internal RespClient(RespOptions options, IDialer dialer, RespSurroundings surroundings, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionFaults.ThrowIfAny([.. OptionFaults.Of(options)]);
        var log = (loggers ?? NullLoggerFactory.Instance).CreateLogger("Millpond.Resp");
        _core = new ClientCore(new NodeParts(options, dialer, surroundings, new Completions(surroundings), new LinkEvents(log)));
    }

    /// <summary>What the client was created with.</summary>
    public RespOptions Options => _core.Parts.Options;

    /// <summary>The nodes that are connected, each as it described itself when its connection was made.</summary>
    public IReadOnlyList<RespServer> Servers => [.. _core.Topology.Nodes.Where(n => n.IsConnected && n.Server is not null).Select(n => n.Server!)];

    /// <summary>What is under way now, counted when it is asked for. For diagnostics and tests: while others call, it is over before it is read.</summary>
    public RespActivity Activity => _core.Activity;

    /// <summary>Sends one command and reads its reply.</summary>
    /// <typeparam name="TRequest">The request's type; a structure.</typeparam>
    /// <typeparam name="TResult">What its reply becomes.</typeparam>
    /// <param name="request">The command.</param>
    /// <param name="cancellationToken">Ends the wait, not the command: a server may still execute what was sent. Its reply is then dropped.</param>
    /// <returns>The result.</returns>
    /// <exception cref="RespException">It failed; the code says how.</exception>
    public ValueTask<TResult> SendAsync<TRequest, TResult>(in TRequest request, CancellationToken cancellationToken = default)
        where TRequest : struct, IRespRequest<TResult>
    {
        if (RespTraces.IsOn)
        {
            var span = RespTraces.Begin(request.Name);
            return RespTraces.EndAsync(span, Send<TRequest, TResult>(request, cancellationToken));
        }

        return Send<TRequest, TResult>(request, cancellationToken);
    }

    /// <summary>Sends a command given as a list of arguments. It allocates; what is called often deserves a request of its own.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Ends the wait, not the command.</param>
    /// <returns>The reply as a tree.</returns>
    /// <exception cref="RespException">It failed; the code says how.</exception>
    public ValueTask<RespValue> ExecuteAsync(RespCommand command, CancellationToken cancellationToken = default) =>
        SendAsync<RespCommand, RespValue>(command, cancellationToken);

    /// <summary>Sends a command given by its name and arguments.</summary>
    /// <param name="command">Its name, such as <c>GET</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>The reply as a tree.</returns>
    /// <exception cref="RespException">It failed; the code says how.</exception>
    public ValueTask<RespValue> ExecuteAsync(string command, params RespArgument[] arguments) => ExecuteAsync(new RespCommand(command, arguments));

    /// <summary>
    /// Sends many commands at once: in a cluster one part to each node, each in one piece, so that nobody else's command comes between those that go to the same node. Each command has
    /// an outcome of its own.
    /// </summary>
    /// <typeparam name="TRequest">The requests' type; a structure.</typeparam>
    /// <typeparam name="TResult">What their replies become.</typeparam>
    /// <param name="requests">The commands. They must not change until the call has ended.</param>
    /// <param name="outcomes">Where the outcomes go, in the order of the requests; at least as long. If the call is cancelled, some are missing.</param>
    /// <param name="cancellationToken">Ends the wait, not the commands.</param>
    /// <returns>A task that ends when every command has an outcome. It fails only if it is cancelled.</returns>
    public ValueTask SendBatchAsync<TRequest, TResult>(
        ReadOnlyMemory<TRequest> requests, Memory<RespOutcome<TResult>> outcomes, CancellationToken cancellationToken = default)
        where TRequest : struct, IRespRequest<TResult>
    {
        if (RespTraces.IsOn && !requests.IsEmpty)
        {
            var span = RespTraces.Begin(requests.Span[0].Name, requests.Length);
            return RespTraces.EndAsync(span, Batches.Send(requests, outcomes, _core, cancellationToken));
        }

        return Batches.Send(requests, outcomes, _core, cancellationToken);
    }

    /// <summary>Finds out what the server can do that serves a slot; once for each connection, and from what it found then afterwards.</summary>
    /// <param name="slot">The slot in a cluster; by default any node is asked.</param>
    /// <returns>The server and what it can do.</returns>
    /// <exception cref="RespException">No server could be asked.</exception>
    public async ValueTask<RespProbe> ProbeAsync(int slot = RespSlot.Any)
    {
        var node = await FindNodeAsync(slot, CancellationToken.None).ConfigureAwait(false);
        var (server, capabilities) = await node.ProbeAsync().ConfigureAwait(false);
        return new RespProbe(server, capabilities);
    }

    /// <summary>Opens a connection of its own to the node that serves a slot, for WATCH and the transaction behind it.</summary>
    /// <param name="slot">The slot in a cluster; by default any node will do.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session; dispose it.</returns>
    /// <exception cref="RespException">It could not be opened.</exception>
    public async ValueTask<RespSession> OpenSessionAsync(int slot = RespSlot.Any, CancellationToken cancellationToken = default)
    {
        var node = await FindNodeAsync(slot, cancellationToken).ConfigureAwait(false);
        return await _core.Sessions.OpenAsync(node.Endpoint, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Subscribes to a channel on a connection of its own kind, and keeps the subscription over lost connections and failovers. Every gap is told to the subscriber.
    /// </summary>
    /// <param name="channel">What to listen to.</param>
    /// <param name="subscriber">Who hears it.</param>
    /// <param name="cancellationToken">Ends the wait for the first confirmation, and the subscription with it.</param>
    /// <returns>The subscription, once the server has confirmed it and <see cref="IRespSubscriber.OnLive"/> was called.</returns>
    /// <exception cref="RespException">It was refused, or not confirmed within <see cref="RespOptions.CommandTimeout"/>.</exception>
    public ValueTask<RespSubscription> SubscribeAsync(RespChannel channel, IRespSubscriber subscriber, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(channel.Name);
        ArgumentNullException.ThrowIfNull(subscriber);
        return _core.Pushes.SubscribeAsync(channel, subscriber, cancellationToken);
    }

    /// <summary>Ends the connections once their replies have come, but within the time of a command; calls from then on fail with <see cref="RespErrorCode.Disposed"/>.</summary>
    /// <returns>A task that ends when the connections have.</returns>
    public ValueTask DisposeAsync() => _core.DisposeAsync();

    // Whatever is to be found out first, about nodes or the kind of deployment, a command finds out.
    private async ValueTask<Node> FindNodeAsync(int slot, CancellationToken cancellationToken)
    {
        if (_core.Topology.Find(slot, RespTraits.None) is not { IsConnected: true })
        {
            await ExecuteAsync(new RespCommand("PING") { Slot = slot, Traits = RespTraits.Idempotent }, cancellationToken).ConfigureAwait(false);
        }

        return _core.Topology.Find(slot, RespTraits.None) ?? throw new RespException(RespErrorCode.NotConnected, $"no node is known for slot {slot}.");
    }

    private ValueTask<TResult> Send<TRequest, TResult>(in TRequest request, CancellationToken cancellationToken)
        where TRequest : struct, IRespRequest<TResult>
    {
        var now = _core.Parts.Surroundings.Now;
        return PendingCommand<TRequest, TResult>.Send(request, _core, now, now + _core.TimeoutTicks, _core.Parts.Completions, cancellationToken);
    }
}
