namespace Millpond.Resp.Connections;

/// <summary>The bounds of one connection.</summary>
internal sealed record ConnectionLimits(int InFlightMax, int WaitingMax, int GatheredBytesMax, RespLimits Frames, TimeSpan IdlePing, TimeSpan SilenceMax);
