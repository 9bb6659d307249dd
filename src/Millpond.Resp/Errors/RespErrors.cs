using Millpond.Resp.Commands;
using Millpond.Resp.Connections;

namespace Millpond.Resp;

/// <summary>The words of this client's errors, where more than one place needs them or a figure must be put in.</summary>
internal static class RespErrors
{
    public static RespException QueueFull(Pending pending, ConnectionLimits limits) => new(
        RespErrorCode.QueueFull,
        $"{pending.Name} was refused: {limits.InFlightMax} commands are in flight (InFlightMax) and {limits.WaitingMax} wait behind them (WaitingMax). "
        + "The server is slower than its callers: send less at once, or use more connections or nodes.") { Command = pending.Name };

    public static RespException NotWritable(Pending pending, Exception cause) =>
        cause as RespException ?? new(RespErrorCode.MalformedCommand, $"{pending.Name} could not be written: its request threw. Correct the request's Write.", cause) { Command = pending.Name };

    public static RespException Closed(Pending pending) => new(RespErrorCode.NotConnected, $"{pending.Name} was not sent: the connection was closed.") { Command = pending.Name };

    public static RespException TimedOut(Pending pending, string where, long now, ConnectionState state, Sent sent) => new(
        RespErrorCode.TimedOut,
        string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{pending.Name} got no reply from {where} within {Milliseconds(pending.Deadline - pending.IssuedAt)} ms (CommandTimeout); waited {Milliseconds(now - pending.IssuedAt)} ms; {state.InFlight} in flight, {state.Waiting} waiting, {state.GatheredBytes} bytes unsent, last byte received {Milliseconds(state.SilentTicks)} ms ago. ")
        + (state.SilentTicks > pending.Deadline - pending.IssuedAt
            ? "Nothing came at all: look at the network and at whether the server is blocked (SLOWLOG)."
            : "Other replies come: look for slow commands (SLOWLOG), large replies on this connection, or an overloaded client.")) { Command = pending.Name, Node = where, MayHaveExecuted = sent == Sent.Perhaps };

    public static RespException Lost(Pending pending, string node, RespException cause, bool wasWritten) => new(
        RespErrorCode.ConnectionLost,
        $"{pending.Name} got no reply: the connection to {node} ended ({cause.Message}). "
        + (wasWritten
            ? "The server may have executed it; it was not repeated, because it is not marked Idempotent or was repeated already."
            : "The server has not seen it; repeating it is safe."),
        cause) { Command = pending.Name, Node = node, MayHaveExecuted = wasWritten };

    public static RespException NotConnected(Pending pending, string node, RespException? failure, string how) => new(
        failure is { Code: RespErrorCode.HandshakeRefused } ? RespErrorCode.HandshakeRefused : RespErrorCode.NotConnected,
        $"{pending.Name} was not sent: {node} {how}. " + (failure is null ? "Raise CommandTimeout if connecting is known to be slow." : $"Last failure: {failure.Message}"),
        failure) { Command = pending.Name, Node = node };

    public static RespException Disposed() => new(RespErrorCode.Disposed, "the client has been disposed; do not keep it beyond its owner.");

    private static double Milliseconds(long ticks) => Math.Round(TimeSpan.FromTicks(ticks).TotalMilliseconds);
}

/// <summary>Whether a command may have reached the server.</summary>
internal enum Sent
{
    No,
    Perhaps,
}

/// <summary>How a connection stood when something went wrong.</summary>
internal readonly record struct ConnectionState(int InFlight, int Waiting, int GatheredBytes, long SilentTicks);
