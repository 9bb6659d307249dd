using Millpond.Resp.Commands;
using Millpond.Resp.Connections;
using Millpond.Resp.Dialing;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Nodes;

/// <summary>What all nodes of a client share.</summary>
internal sealed record NodeParts(RespOptions Options, IDialer Dialer, RespSurroundings Surroundings, Completions Completions, LinkEvents Events)
{
    public ConnectionLimits Limits { get; } = new(
        Options.Queues.InFlightMax, Options.Queues.WaitingMax, Options.Queues.GatheredBytesMax, Options.Frames, Options.KeepAlive, Options.KeepAlive);
}
