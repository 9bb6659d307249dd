using Millpond.Resp.Commands;

namespace Millpond.Resp.Nodes;

/// <summary>Sends to one node and nowhere else: questions about the deployment.</summary>
internal sealed class NodeDispatcher(Node node, NodeParts parts, TimeSpan timeout) : IDispatcher
{
    public ValueTask<RespValue> SendAsync(string name, params RespArgument[] arguments)
    {
        var now = parts.Surroundings.Now;
        return PendingCommand<RespCommand, RespValue>.Send(new RespCommand(name, arguments), this, now, now + timeout.Ticks, parts.Completions, CancellationToken.None);
    }

    public void Dispatch(Pending pending) => node.Send(pending);

    public bool TryRedirect(Pending redirected, ReadOnlySpan<byte> error, string node) => false;

    public void Lost(Pending pending, RespException cause, bool wasWritten)
    {
        pending.Fail(cause, pending.Life, parts.Completions);
        pending.Release();
    }
}
