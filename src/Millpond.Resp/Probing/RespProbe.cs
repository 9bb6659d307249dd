namespace Millpond.Resp;

/// <summary>What a server is and can do.</summary>
/// <param name="Server">What it said of itself when its connection was made.</param>
/// <param name="Capabilities">What was found that it can do.</param>
public sealed record RespProbe(RespServer Server, RespCapabilities Capabilities);
