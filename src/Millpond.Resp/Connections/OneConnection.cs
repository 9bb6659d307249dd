using Millpond.Resp.Commands;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Connections;

/// <summary>Sends to one connection and nowhere else: handshakes, signs of life, subscriptions. What is lost with the connection is lost.</summary>
internal sealed class OneConnection(Connection connection, Completions completions, RespSurroundings surroundings, TimeSpan timeout) : IDispatcher
{
    public ValueTask<TResult> SendAsync<TRequest, TResult>(in TRequest request, CancellationToken cancellationToken = default)
        where TRequest : struct, IRespRequest<TResult>
    {
        var now = surroundings.Now;
        return PendingCommand<TRequest, TResult>.Send(request, this, now, now + timeout.Ticks, completions, cancellationToken);
    }

    public ValueTask<RespValue> SendAsync(string name, params RespArgument[] arguments) => SendAsync<RespCommand, RespValue>(new RespCommand(name, arguments));

    /// <summary>As <see cref="SendAsync(string, RespArgument[])"/>, for what a server may refuse without harm: null then.</summary>
    public async ValueTask<RespValue?> TryAsync(string name, params RespArgument[] arguments)
    {
        try
        {
            return await SendAsync(name, arguments).ConfigureAwait(false);
        }
        catch (RespServerException)
        {
            return null;
        }
    }

    public void Dispatch(Pending pending)
    {
        if (CommandBytes.TryWrite(pending, completions) is not { } bytes)
        {
            return;
        }

        var isAdded = connection.TryAdd(pending, bytes.Span);
        CommandBytes.Return(bytes);
        if (!isAdded)
        {
            Lost(pending, RespErrors.Closed(pending), wasWritten: false);
        }
    }

    public bool TryRedirect(Pending redirected, ReadOnlySpan<byte> error, string node) => false;

    public void Lost(Pending pending, RespException cause, bool wasWritten)
    {
        pending.Fail(RespErrors.Lost(pending, connection.Node, cause, wasWritten), pending.Life, completions);
        pending.Release();
    }
}
