namespace Millpond.Shared.InProcess;

/// <summary>Makes the tier's own copy of a record that a caller hands in and then takes back.</summary>
internal static class Keeping
{
    /// <summary>With the nonce it is stored under, or, where nothing was loaded, with the stamp of the step that stores it.</summary>
    public static SharedRecord Kept(this SharedRecord record, Nonce? filledUnder = null, PartitionState? stampedWith = null) => new()
    {
        Kind = record.Kind,
        Payload = record.Payload.ToArray(),
        Codec = record.Codec,
        AgeAtFill = record.AgeAtFill,
        TimeToLive = record.TimeToLive,
        HardTimeToLive = record.HardTimeToLive,
        Sliding = record.Sliding,
        LoadTime = record.LoadTime,
        Stamp = stampedWith?.Sequence ?? record.Stamp,
        Incarnation = stampedWith?.Incarnation ?? record.Incarnation,
        Scopes = [.. record.Scopes],
        SourceVersion = record.SourceVersion,
        FilledUnder = filledUnder ?? record.FilledUnder,
    };
}
