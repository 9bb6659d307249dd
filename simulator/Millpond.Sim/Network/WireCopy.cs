using Millpond.Shared;

namespace Millpond.Sim.Network;

/// <summary>What a sender puts on the wire: bytes of its own, that stay what they were when the sender takes its buffer back.</summary>
internal static class WireCopy
{
    public static SharedRecord Copied(this SharedRecord record) => new()
    {
        Kind = record.Kind,
        Payload = record.Payload.ToArray(),
        Codec = record.Codec,
        AgeAtFill = record.AgeAtFill,
        TimeToLive = record.TimeToLive,
        HardTimeToLive = record.HardTimeToLive,
        Sliding = record.Sliding,
        LoadTime = record.LoadTime,
        Stamp = record.Stamp,
        Incarnation = record.Incarnation,
        Scopes = record.Scopes,
        SourceVersion = record.SourceVersion,
        FilledUnder = record.FilledUnder,
    };
}
